# On a fresh machine `make run` and `make test` do all the set-up: each makes .venv itself.

PYTHON ?= python3
BIN := .venv/bin

COMPILE := $(BIN)/python scripts/build/compile_core.py
# pip is silent until it is done: this tells what goes on, and for how long
INSTALL = @$(BIN)/python scripts/build/watched.py "$(1)" \
	$(BIN)/python -m pip install -qq --disable-pip-version-check

.PHONY: help run test check format audit bench bench-peers compiled interpreted clean

help:
	@echo "make run          the peak-season plan on the embedded sandbox: a minute of load, and the first"
	@echo "                  time one to three minutes before it, to install and to compile"
	@echo "make test         all tests: about a quarter of an hour on two cores"
	@echo "make check        formatting, lint, types, import contracts"
	@echo "make format       format the code"
	@echo "make audit        look the installed packages up in a database of known vulnerabilities"
	@echo "make bench        what one core of this machine drives"
	@echo "make bench-peers  the same beside k6, Locust and others: see docs/benchmarks.md"
	@echo "make compiled     compile the code under load again, as run and test do"
	@echo "make interpreted  go without: edit and try (WEDLOAD_COMPILE=no make test)"
	@echo "make clean        remove what these made"

.venv/bin/python:
	@echo "making .venv …"
	@$(PYTHON) -m venv .venv
	$(call INSTALL,renewing pip in .venv) --upgrade "pip>=25.1"

.venv/.installed: .venv/bin/python pyproject.toml
	$(call INSTALL,installing wedload into .venv (up to a minute)) --editable ".[all]"
	$(call INSTALL,installing the compiler mypyc) --group compile
	@touch $@

.venv/.developing: .venv/.installed
	$(call INSTALL,installing what tests and checks need (up to a minute)) --group dev
	@touch $@

# the code under load, compiled if it has changed (docs/design-speed.md)
compiled: .venv/.installed
	@$(COMPILE) $(if $(CI),--require)

interpreted: .venv/.installed
	@$(COMPILE) --remove

run: compiled
	$(BIN)/wedload run plans/peak_season.toml --time-scale 0.12 --output result.json

# Four processes on two cores: half the time of most tests is waiting for runs to pass.
test: .venv/.developing compiled
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

check: .venv/.developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.developing
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

audit: .venv/.developing
	$(BIN)/python scripts/build/audit.py

bench: .venv/.developing compiled
	$(BIN)/python -m benchmarks.core

bench-peers: .venv/.developing compiled
	$(BIN)/python -m benchmarks $(BENCH)

clean:
	$(PYTHON) scripts/build/compile_core.py --remove
	rm -rf .venv build benchmarks/.bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
