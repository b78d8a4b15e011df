"""The tables and their menus."""
