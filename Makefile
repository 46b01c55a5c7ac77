# From a clean clone: `make run`, with nothing but Python 3.11 or newer. Everything goes into .venv, from the
# hashed locks; the targets are few and repeat quickly (stamps in .venv tell what is installed already).

PYTHON ?= python3
URLS =
BENCH =
PYTEST =

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCKED := install --require-hashes
# The project itself: its build backend is in the lock, so nothing unpinned is fetched to build it.
PROJECT := install --no-index --no-build-isolation --no-deps --editable .

VENV_MADE := $(VENV)/.made
RUN_INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.installed-dev
BENCH_INSTALLED := $(VENV)/.installed-bench
CONTAINER_INSTALLED := $(VENV)/.installed-container
CONTAINER_LOCK := tests/container/requirements-container.lock
BENCH_LOCK := tests/benchmarks/requirements-bench.lock
AUDIT_INSTALLED := $(VENV)/.installed-audit
AUDIT_LOCK := .ci/requirements-audit.lock

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: audit help install install-dev servers run test secrets lint format bench dashboard gate container-check lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(RUN_INSTALLED) ## make .venv with what masthead needs to run

install-dev: $(DEV_INSTALLED) ## and with what its tests and checks need

run: $(RUN_INSTALLED) ## show it at work: its own demonstration, or `make run URLS=FILE` for a list of yours
	$(BIN)/masthead demo $(if $(URLS),"$(URLS)")

test: $(DEV_INSTALLED) servers ## all tests, those against real servers included (PYTEST=… with these arguments)
	$(BIN)/python -m pytest $(PYTEST)

servers: ## the real servers that the integration tests start (Debian packages; says what is missing)
	@tests/integration/install_servers.sh

lint: $(DEV_INSTALLED) ## ruff, its format, mypy (strict), and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

container-check: $(CONTAINER_INSTALLED) ## build the image and run all of deploy/ in an engine of its own (root, Debian)
	@tests/container/install_tools.sh
	MASTHEAD_CONTAINER_CHECK=1 $(BIN)/python -m pytest tests/container $(PYTEST)

# The folder is its owner's alone. The files in it are for whoever gets them mounted: the container's user is
# another than who runs Compose, and sees nothing of the folder.
SECRETS := deploy/secrets/token deploy/secrets/grafana-password

secrets: $(SECRETS) ## make the API's token (deploy/secrets/token) and Grafana's password, where there are none

$(SECRETS):
	@install -d -m 0700 $(@D)
	@umask 022 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >$@
	@echo 'made $@'

format: $(DEV_INSTALLED) ## put the code into ruff's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(BENCH_INSTALLED) ## measure it: all of it, or what BENCH names, such as BENCH="plain --rounds 2"
	$(BIN)/python -m tests.benchmarks $(BENCH)

# What is measured now, and a little: a change that costs more has to say why. The goal is 130,000.
INSTRUCTIONS := 180000

dashboard: $(BENCH_INSTALLED) servers ## draw the dashboard's panels anew, with data of some minutes' work
	$(BIN)/python -m tests.deploy.draw deploy/grafana/dashboards/masthead.json deploy/grafana/dashboard.png

gate: $(DEV_INSTALLED) ## fail where a URL costs more user instructions than it did (needs valgrind and nginx)
	$(BIN)/python -m tests.benchmarks instructions --rounds 1 --gate $(INSTRUCTIONS)

audit: $(AUDIT_INSTALLED) ## ask whether a pinned version has a known vulnerability (AUDIT=required: it must be answered)
	@AUDIT=$(AUDIT) .ci/audit $(BIN)/pip-audit $(wildcard *.lock) $(BENCH_LOCK) $(AUDIT_LOCK)

# Universal: one lock for Linux on amd64 and arm64 and every Python from 3.11. The development lock is solved
# first and binds the others, so that all three can be in one environment. No index or path gets into them.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)
BACKEND := hatchling>=1.27 editables>=0.5

lock: $(DEV_INSTALLED) ## write the locks anew from pyproject.toml (UPGRADE=1: to the newest releases)
	printf '%s\n' $(foreach package,$(BACKEND),'$(package)') \
		| $(COMPILE) --extra dev --output-file requirements-dev.lock pyproject.toml -
	$(COMPILE) --constraint requirements-dev.lock --no-annotate --output-file requirements.lock pyproject.toml
	printf '%s\n' $(foreach package,$(BACKEND),'$(package)') \
		| $(COMPILE) --constraint requirements-dev.lock --no-annotate --output-file requirements-build.lock -
	$(COMPILE) --constraint requirements-dev.lock --no-annotate --extra bench --output-file $(BENCH_LOCK) pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --no-annotate --extra container --output-file $(CONTAINER_LOCK) \
		pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --no-annotate --extra audit --output-file $(AUDIT_LOCK) pyproject.toml

clean: ## remove what was made: .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache out
	find service workers tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV_MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'make: masthead needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo 'make: python3 -m venv failed (on Debian: apt-get install python3-venv)' >&2; exit 1; }
	@touch $@

$(RUN_INSTALLED): $(VENV_MADE) pyproject.toml requirements.lock requirements-build.lock
	$(PIP) $(LOCKED) -r requirements.lock -r requirements-build.lock
	$(PIP) $(PROJECT)
	@touch $@

# All that `run` needs is in the development lock, so its stamp is set with it.
$(DEV_INSTALLED): $(VENV_MADE) pyproject.toml requirements-dev.lock
	$(PIP) $(LOCKED) -r requirements-dev.lock
	$(PIP) $(PROJECT)
	@touch $(RUN_INSTALLED) $@

$(BENCH_INSTALLED): $(DEV_INSTALLED) $(BENCH_LOCK)
	$(PIP) $(LOCKED) -r $(BENCH_LOCK)
	@touch $@

$(CONTAINER_INSTALLED): $(DEV_INSTALLED) $(CONTAINER_LOCK)
	$(PIP) $(LOCKED) -r $(CONTAINER_LOCK)
	@touch $@

$(AUDIT_INSTALLED): $(DEV_INSTALLED) $(AUDIT_LOCK)
	$(PIP) $(LOCKED) -r $(AUDIT_LOCK)
	@touch $@
