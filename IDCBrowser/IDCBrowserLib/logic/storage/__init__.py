"""The data on this computer."""
