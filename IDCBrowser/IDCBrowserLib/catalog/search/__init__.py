"""The search box: ranked hits, typing mistakes, and identifiers of any level."""
