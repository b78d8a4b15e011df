"""The s5cmd program: finding it, running it, feeding it, and slowing it down."""
