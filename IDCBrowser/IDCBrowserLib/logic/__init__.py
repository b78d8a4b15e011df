"""What the panels show and do, without widgets. Knows no Qt; ``ui`` has the widgets, in folders of the same names."""
