# Two commands on a fresh machine: `make demo` and `make test`. See README.md.
PYTHON ?= python3
SETUP = $(PYTHON) Resources/Setup/setup_environment.py
BIN = .venv/bin
OUT ?= demo-output
# Processes that run tests side by side.
WORKERS ?= 2
# Hundreds of processes are started by the tests: each would compile the program anew where Python keeps no bytecode.
export PYTHONDONTWRITEBYTECODE :=
# What `make faults` takes; 2000 clicks take longer than all the rest.
MOMENTS ?= 25
CLICKS ?= 500

.PHONY: demo test stories fuzz setup bench faults desktop mutants docs latest screenshots translations lock clean

# The whole way once on the phantom patient; ends in a window where there is a screen.
demo: setup
	$(BIN)/idc-browser demo --out $(OUT)

# .venv with .venv/bin/idc-browser, nothing more.
setup:
	@$(SETUP) demo

# Style, types, and every test but the stories and the fault runs.
test:
	@$(SETUP) test
	$(BIN)/ruff check .
	$(BIN)/mypy
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal Testing/unit Testing/contracts

# What a person does: clicks in the window, to what is then on the screen and on the disk; commands at the prompt, as processes of their own; notebooks;
# the engine with the demo's bucket and IDC's catalog; and the pictures that the views show.
stories:
	@$(SETUP) test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal Testing/stories Testing/commands Testing/integration

# Series, segmentations and structure sets drawn at random against masks known by construction, and 100,000 damaged inputs: two hours.
fuzz:
	@$(SETUP) test
	IDC_BROWSER_FUZZ_EXAMPLES=5000 IDC_BROWSER_FUZZ_MUTANTS=20000 $(BIN)/python -m pytest Testing/fuzz

# Transfers against an S3 server that breaks in every way, killed at MOMENTS; CLICKS in the window; some damaged inputs of every kind: a quarter of an hour.
faults:
	@$(SETUP) test
	IDC_BROWSER_FAULT_MOMENTS=$(MOMENTS) IDC_BROWSER_FAULT_CLICKS=$(CLICKS) $(BIN)/python -m pytest Testing/faults Testing/fuzz

# What the tests notice when the code is changed: survivors in test-output/mutants. MUTANTS="transfer --files verify.py --sample 40" narrows it.
mutants:
	@$(SETUP) mutants
	$(BIN)/python Testing/mutants/run.py $(MUTANTS)

# The ready-made desktop: a bare machine in a folder, the script, a session, and a browser that uses its web page. As root; ten minutes.
desktop:
	@$(SETUP) desktoptest
	$(BIN)/python -m pytest -x Testing/desktop

# Ratios against the peers, measured in the same run.
bench:
	@$(SETUP) bench
	QT_QPA_PLATFORM=offscreen $(BIN)/python Testing/benchmarks/run_all.py

# Unit and contract tests, and whole commands, with the newest release of everything, in an environment of their own.
latest:
	@$(SETUP) latest
	QT_QPA_PLATFORM=offscreen .venv-latest/bin/python -m pytest -n $(WORKERS) --dist worksteal Testing/unit Testing/contracts Testing/commands Testing/integration

# The pages of the documentation, into build/docs; a warning is an error.
docs:
	@$(SETUP) docs
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --nitpicky --quiet -c docs . build/docs
	@echo "The pages are in build/docs/index.html"

# The pictures of the standalone window, taken anew; look at them before you commit them.
screenshots:
	@$(SETUP) test
	QT_QPA_PLATFORM=offscreen PYTHONPATH=Testing $(BIN)/python Testing/screenshots/take.py

# Texts of the window that are new go into the translation files; what is not translated is listed.
translations:
	@$(SETUP) test
	$(BIN)/python Resources/Setup/update_translations.py

# Renew the locked versions of all extras.
lock:
	@$(SETUP) test
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate pyproject.toml --all-extras -o Resources/Setup/constraints.txt --upgrade

clean:
	find IDCBrowser Testing Resources -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .venv .venv-latest build demo-output test-output bench-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
