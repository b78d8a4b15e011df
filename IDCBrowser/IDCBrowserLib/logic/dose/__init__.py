"""Doses of the case on the screen: histograms of its structure sets. No Qt."""
