"""What the user picked: selection, cart, manifests, and the room it needs."""
