# On a fresh machine `make run` and `make test` do all the set-up: each makes .venv itself.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test check format bench bench-peers clean

help:
	@echo "make run     the peak-season plan on the embedded sandbox, in about a minute"
	@echo "make test    all tests"
	@echo "make check   formatting, lint, types, import contracts"
	@echo "make format  format the code"
	@echo "make bench   what one core of this machine drives"
	@echo "make bench-peers  the same beside k6, Locust and others: see docs/benchmarks.md"
	@echo "make clean   remove what these made"

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/.installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[all]"
	@touch $@

.venv/.developing: .venv/.installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

run: .venv/.installed
	$(BIN)/wedload run plans/peak_season.toml --time-scale 0.12 --output result.json

test: .venv/.developing
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/.developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.developing
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.developing
	$(BIN)/python -m benchmarks.core

bench-peers: .venv/.developing
	$(BIN)/python -m benchmarks $(BENCH)

clean:
	rm -rf .venv benchmarks/.bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
