"""The search box: ranked matches, tolerance for typing errors, and identifiers of any level."""
