"""What is known of one row: details, acquisition, clinical data, links and citations."""
