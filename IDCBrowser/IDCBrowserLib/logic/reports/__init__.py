"""Structured reports and other objects that are read: their text, their measurements, and where these were made. No Qt."""
