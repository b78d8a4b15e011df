# Two commands on a fresh machine: `make demo` and `make test`. See README.md.
PYTHON ?= python3
SETUP = $(PYTHON) Resources/Setup/setup_environment.py
BIN = .venv/bin
OUT ?= demo-output

.PHONY: demo test setup check bench faults screenshots lock clean

# The whole way once on the phantom patient; ends in a window where there is a screen.
demo: setup
	$(BIN)/idc-browser demo --out $(OUT)

# .venv with .venv/bin/idc-browser, nothing more.
setup:
	@$(SETUP) demo

# Style, types, and every test but the long fault runs.
test:
	@$(SETUP) test
	$(BIN)/ruff check .
	$(BIN)/mypy
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest Testing/unit Testing/contracts Testing/stories

# Transfers against an S3 server that breaks in every way: minutes.
faults:
	@$(SETUP) test
	IDC_BROWSER_FAULT_MOMENTS=50 $(BIN)/python -m pytest Testing/faults

# Ratios against the peers, measured in the same run.
bench:
	@$(SETUP) bench
	QT_QPA_PLATFORM=offscreen $(BIN)/python Testing/benchmarks/run_all.py

# The pictures of the standalone window, taken anew; look at them before you commit them.
screenshots:
	@$(SETUP) test
	QT_QPA_PLATFORM=offscreen PYTHONPATH=Testing $(BIN)/python Testing/screenshots/take.py

# Renew the locked versions (needs uv).
lock:
	uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate pyproject.toml --extra bench --extra mutants -o Resources/Setup/constraints.txt --upgrade

clean:
	rm -rf .venv build demo-output test-output bench-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
