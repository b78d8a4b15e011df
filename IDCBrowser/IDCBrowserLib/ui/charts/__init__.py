"""Charts in the window and as pictures."""
