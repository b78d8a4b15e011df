"""What a DICOM object is, in words: kind, title, one line, what it refers to, and a card of what matters about it."""
