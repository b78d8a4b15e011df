"""The segmentations in the scene: what the panel shows of them, and what is done with them."""
