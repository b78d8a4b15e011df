"""Search box, filters, kept searches and the SQL page."""
