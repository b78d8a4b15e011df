"""Search box, filters, saved searches and SQL."""
