# Every command of this repository. Bare `make` lists them; CI runs the same ones.
SHELL := /bin/bash
PYTHON ?= python3.11
PATIENTS ?= 600
PORT ?= 8000
RUNS ?= 2000
DAYS ?= 30
SEED ?= $(shell date +%s)
BIN := .venv/bin
# Tests on both cores, in the order of tests/conftest.py; `make test ARGS="tests/journal -x"` runs a part.
ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench oracle drill screenshots lock

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready ## make .venv with the locked packages, and the Debian packages the tests need

.venv/.ready: requirements/dev.txt pyproject.toml scripts/system_packages.sh
	bash scripts/system_packages.sh
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python scripts/fonts.py
	$(BIN)/python -m compileall -q -j 0 .venv/lib src || true  # everything starts twice as fast
	touch $@

demo: setup ## open the fictional practice (PATIENTS=600 PORT=8000)
	$(BIN)/permanence demo --patients $(PATIENTS) --port $(PORT)

test: export PYTHONDONTWRITEBYTECODE :=
test: setup ## run the tests (ARGS= passes options to pytest)
	@$(BIN)/python -m compileall -q -j 0 src tests drill tools || true  # what they start is compiled already
	$(BIN)/python -m pytest $(ARGS)

oracle: setup ## 2,000 lives of machines that do not hear each other (RUNS= SEED=): nothing is lost
	@echo "ORACLE_RUNS=$(RUNS) --hypothesis-seed=$(SEED)"
	ORACLE_RUNS=$(RUNS) $(BIN)/python -m pytest tests/sync/test_nothing_is_lost.py -q --hypothesis-seed=$(SEED) -p no:cacheprovider

check: setup ## ruff, mypy, import contracts, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports
	$(BIN)/djlint src --lint --quiet
	PYTHONPATH=src $(BIN)/python -m django makemigrations --check --dry-run --settings permanence.settings.test
	PYTHONPATH=src $(BIN)/python -m django makemigrations --check --dry-run --settings permanence.relay.settings

bench: setup ## measure against the targets; prints a table, writes build/bench.json
	$(BIN)/python -m bench

drill: setup ## 30 days on three machines that do not hear each other (DAYS=): nothing is lost; writes build/drill.json and .pdf
	$(BIN)/python -m drill --days $(DAYS)

screenshots: setup ## take a picture of every screen into docs/screens
	$(BIN)/python scripts/screenshots.py

lock: setup ## write requirements/*.txt again, with hashes, from pyproject.toml
	PATH="$(CURDIR)/$(BIN):$$PATH" bash scripts/lock.sh
