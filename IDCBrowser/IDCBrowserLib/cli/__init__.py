"""The command line: the same workflow without a window. One module per command; see ``main``."""
