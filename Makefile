# Every verb works from a bare clone: it makes its own virtual environment with python3 -m venv and pip.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
UNIT ?= tests --ignore=tests/real --ignore=tests/e2e

.PHONY: drill test check lint types layers unit real peers screenshots bench clean

drill: $(VENV)/.drill            ## practise an incident against the simulated estate
	$(BIN)/gospel-rollback drill

test: $(VENV)/.dev               ## every test that needs nothing but Python and git
	$(BIN)/python -m pytest tests --ignore=tests/real -n auto --dist worksteal

check: lint types layers unit    ## the whole loop before a commit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/python -m pytest $(UNIT) -q -n auto --dist worksteal

real: $(VENV)/.dev peers         ## the suite against real components
	GOSPEL_ROLLBACK_REQUIRE_PEERS=1 $(BIN)/python -m pytest tests/real -n 3 --dist loadfile --no-loadscope-reorder  # three control planes at a time; the longest files come first

peers:                           ## build the real Kubernetes components from their published source
	./peers/build.sh

screenshots: $(VENV)/.dev        ## make screenshots/ anew from the drill
	$(BIN)/python screenshots/make.py

bench: $(VENV)/.dev              ## the figures of benchmarks/README.md
	$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.drill: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[drill]'
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
