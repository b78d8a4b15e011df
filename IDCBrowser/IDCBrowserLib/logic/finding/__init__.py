"""Search box, filters, kept searches and SQL."""
