"""How it gets here: s5cmd, progress, cancel, resume, verification."""
