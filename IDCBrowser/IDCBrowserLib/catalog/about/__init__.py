"""Everything known about one row of a table: details, acquisition, clinical data, links and citations."""
