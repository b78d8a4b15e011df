# Two commands on a fresh machine: `make demo` and `make test`. See README.md.
PYTHON ?= python3

.PHONY: demo test setup bench faults lint clean
