"""What IDC holds: tables, queries, facets, identifiers and relations between series."""
