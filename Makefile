# Madang: `make run` shows it working, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
SYSTEMS := trials prognosis

.DEFAULT_GOAL := help
.PHONY: help run demo env dev test test-slow check lint types imports format docs lock bench new-system sandbox-profile clean

help:                   ## what can be made
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

run: demo               ## build the environment and run the main job

env: $(VENV)/.run       ## build the environment only

demo: $(VENV)/.run      ## the main job alone: a sealed trial of five solutions on real data
	@$(BIN)/madang trials demo --out demo

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Found $$($(PYTHON) --version 2>&1), expected Python 3.11 or later: name one with 'make run PYTHON=python3.11'."; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv or ensurepip is missing. Install it with: apt install python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.created pyproject.toml requirements/build.txt requirements/base.txt $(SYSTEMS:%=requirements/%.txt)
	$(PIP) install -q --require-hashes -r requirements/build.txt -r requirements/base.txt $(SYSTEMS:%=-r requirements/%.txt)
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

dev: $(VENV)/.dev       ## the environment with the tools of a developer
$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(PIP) install -q --require-hashes -r requirements/dev.txt
	@touch $@

test: check             ## every check and every test
	$(BIN)/python -m pytest

test-slow: $(VENV)/.dev ## the heavy proofs alone
	$(BIN)/python -m pytest -m slow

check: lint imports types  ## lint, imports and types

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

imports: $(VENV)/.dev
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev    ## put the code in its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev      ## build the documentation; a warning is an error
	$(BIN)/python -m sphinx -W -q -b html docs docs/_build/html

lock: $(VENV)/.created  ## renew the pinned versions
	$(PIP) install -q uv
	UV=$(abspath $(BIN))/uv requirements/lock.sh

bench: $(VENV)/.dev     ## every measurement (bench-<name> for one: kernel, trials, prognosis)
	$(BIN)/python -m bench
bench-%: $(VENV)/.dev
	$(BIN)/python -m bench $*

new-system: $(VENV)/.dev ## a new room with its tests: make new-system NAME=fund
	$(BIN)/python tools/new_system.py $(NAME)

sandbox-profile:        ## where AppArmor forbids user namespaces: allow them for the bubblewrap in use (as root)
	$(BIN)/madang sandbox profile --write

clean:                  ## remove the environment and everything built
	rm -rf $(VENV) build demo docs/_build
