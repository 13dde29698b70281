# Two commands: `make demo` runs the main job on an embedded sample site, `make test` passes the tests.
# They need make, a shell and Python 3.11 or newer with venv; they call neither sudo nor a package manager.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME ?= .demo
# Tests run on each core, four at most, a file's in one process; PARTS= runs them one after the other.
PARTS ?= -n logical --maxprocesses 4 --dist loadfile

.PHONY: demo test test-long simulate pairs lint types contract docs check bench bench-quick clean

demo: $(VENV)/.main
	$(BIN)/policy-crawler demo --home "$(DEMO_HOME)"

test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not long" $(PARTS) $(ARGS)

test-long: $(VENV)/.dev
	$(BIN)/python -m pytest -m long $(ARGS)

# Every entry of the catalog, or ARGS="ID ..." of them, crawled against simulated sites; ARGS=--mark keeps which passed.
simulate: $(VENV)/.dev
	PYTHONPATH=.:tests $(BIN)/python -m simulator.run $(ARGS)

# Pages seen twice: what sites change by themselves, of which nothing may be told, and what people change, all of it told.
pairs: $(VENV)/.dev
	PYTHONPATH=.:tests $(BIN)/python -m support.pairs_table

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contract: $(VENV)/.dev
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/python -m console.reference $(ARGS)

check: lint types contract

# Ours against others, side by side; the tables go to docs/performance.md. POLICY_CORPUS names the labelled pages.
# A peer that cannot be installed is left out and said to be missing.
bench: $(VENV)/.dev .bench/.peers
	$(BIN)/python -m benchmarks --keep $(ARGS)

bench-quick: $(VENV)/.dev .bench/.peers
	$(BIN)/python -m benchmarks --quick $(ARGS)

.bench/.peers: benchmarks/peers.txt | $(VENV)/bin/python
	$(BIN)/python -m venv --clear .bench/peers
	@.bench/peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	    -r benchmarks/peers.txt && touch $@ || echo "The peers could not be installed; the tables will say so." >&2

clean:
	rm -rf $(VENV) .bench $(DEMO_HOME) build dist *.egg-info

# The first Python that runs, is new enough and has venv; PYTHON=... names another.
$(VENV)/bin/python:
	@for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3; do \
	    [ -n "$$python" ] || continue; \
	    if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        echo "Making $(VENV) with $$("$$python" --version)"; \
	        rm -rf $(VENV) && exec "$$python" -m venv $(VENV); \
	    fi; \
	    [ "$$python" != "$(PYTHON)" ] || break; \
	done; \
	echo "No Python 3.11 or newer with venv was found. Install it (Debian: apt install python3 python3-venv)" >&2; \
	echo "or name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	exit 2

$(VENV)/.main: requirements/main.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/main.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.main
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
