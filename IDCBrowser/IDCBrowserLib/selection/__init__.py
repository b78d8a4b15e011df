"""What the user selected: cart, manifests in and out, and the download plan (series, bytes, licenses)."""
