"""The panel of the segmentations in the scene."""
