"""Widgets and Qt models that panels share. Know nothing of IDC."""
