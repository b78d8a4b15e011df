"""Slide microscopy: levels of a pyramid as pictures, and annotations on them."""
