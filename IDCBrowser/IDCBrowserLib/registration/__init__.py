"""Spatial registrations between frames of reference."""
