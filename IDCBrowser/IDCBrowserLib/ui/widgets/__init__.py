"""Widgets and Qt models that panels share. They know nothing of IDC."""
