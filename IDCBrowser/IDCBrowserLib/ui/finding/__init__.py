"""The search box, filters, saved searches and the SQL page."""
