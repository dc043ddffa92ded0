# Vez: every chore of the house is one word. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

PORT ?= 8000
DATA ?= var/demo
PYTEST ?=
BIN := .venv/bin
LIBRARIES := server/static/vendor

# A stamp is younger than what it was made from: the second `make setup` takes no time.
VENV_DONE := .venv/.done-venv
PYTHON_DONE := .venv/.done-python
NODE_DONE := node_modules/.done-node
BROWSER_DONE := $(LIBRARIES)/LICENCES.txt

# A venv remembers its place and its Python: one that was moved, or whose Python went, is made anew.
ifneq ($(wildcard $(VENV_DONE)),)
ifeq ($(shell grep -qsF '$(CURDIR)/.venv' .venv/bin/activate && .venv/bin/python -c '' 2>/dev/null && echo sound),)
$(shell rm -f $(VENV_DONE) $(PYTHON_DONE))
endif
endif

.PHONY: help setup run test check lint format types house js pytest crash bench pictures lock clean distclean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | sort | expand -t 12

setup: $(PYTHON_DONE) $(BROWSER_DONE) ## everything that run and test need: .venv, node_modules, browser libraries

run: setup ## the demo: server, printer agent and virtual printer (PORT=8000, DATA=var/demo)
	@port=$$($(BIN)/python deploy/lib/free_port.py $(PORT)); exec $(BIN)/vez demo --port "$$port" --data "$(DATA)"

test: check pytest ## everything: lint, types, house rules, unit, integration and browser tests

check: lint types js ## what needs no database and no browser: lint, types, browser modules

lint: $(PYTHON_DONE) ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(PYTHON_DONE) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(PYTHON_DONE) ## mypy, strict where decisions are made
	$(BIN)/mypy

house: $(PYTHON_DONE) ## the rules of the house: floors, budgets, languages, documents
	$(BIN)/pytest tests/house $(PYTEST)

js: $(BROWSER_DONE) ## browser modules under node's own test runner
	bash deploy/lib/node_tests.sh

pytest: setup ## all Python tests, browser tests too (PYTEST="-k panel" for a part of them)
	chromium=$$(bash deploy/lib/chromium.sh); VEZ_CHROMIUM="$$chromium" bash deploy/lib/pytest.sh $(PYTEST)

crash: setup ## the crash tests in their long form
	VEZ_TEST_CRASH=long $(BIN)/pytest -m crash $(PYTEST)

bench: setup ## measurements, each with its floor from the same run; prints JSON (BENCH="--help" for its options)
	@$(BIN)/vez bench $(BENCH)

LOCK = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
  --generate-hashes --no-annotate --no-header --quiet

pictures: setup ## photographs of the screens for the README, into docs/img
	$(BIN)/python deploy/take_pictures.py

lock: $(PYTHON_DONE) ## renew the locks after a change in pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(LOCK) --all-extras --group dev --output-file requirements.lock $(UPGRADE)
	for box in server printer; do \
	  $(LOCK) --extra $$box --constraint requirements.lock --output-file deploy/requirements-$$box.lock $(UPGRADE); \
	done
	@! grep -nE '://|^-' requirements.lock deploy/*.lock || { echo "vez: a lock names an index host"; exit 1; }

clean: ## forget caches and demo data
	rm -rf var build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

distclean: clean ## forget everything that setup made as well
	rm -rf .venv node_modules $(LIBRARIES)

$(VENV_DONE):
	@bash deploy/lib/prerequisites.sh
	@echo "vez: creating .venv"
	@"$$(bash deploy/lib/prerequisites.sh python)" -m venv --clear .venv
	@touch $@

# First what the lock names, by hash; then the project itself, with the build back end that the lock brought.
$(PYTHON_DONE): requirements.lock pyproject.toml | $(VENV_DONE)
	@echo "vez: installing Python libraries"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE_DONE): package.json package-lock.json | $(VENV_DONE)
	@echo "vez: installing browser libraries"
	@npm ci --no-fund --no-audit --loglevel=error
	@touch $@

$(BROWSER_DONE): $(NODE_DONE) deploy/vendor_browser.py | $(VENV_DONE)
	@$(BIN)/python deploy/vendor_browser.py
	@touch $@
