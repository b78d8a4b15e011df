"""Downloads series: s5cmd, progress, cancel, resume, verification."""
