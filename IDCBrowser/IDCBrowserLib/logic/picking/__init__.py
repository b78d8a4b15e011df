"""Selection, cart, manifests, and the disk space they need."""
