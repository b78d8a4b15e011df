"""The selection panel and the cart."""
