"""What the user picked: the cart, manifests in and out, and the plan (series, bytes, licenses)."""
