"""The command line: the same steps without a window. One module per command; see ``main``."""
