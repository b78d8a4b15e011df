"""One picture of a series before it is downloaded, made from a single one of its objects."""
