# What people type. Needs Python 3.11 or newer and make; `make test` and `make check` also use Node if it is there.
.DEFAULT_GOAL := help
.PHONY: help run test check long format lock schema gateway wheel clean
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
NODE_MODULES := tests/gateway/node_modules/.installed
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check

help: ## Show this
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: $(RUNTIME) ## Serve on http://127.0.0.1:8000/graphql with an embedded PostgreSQL and a demo network
	@$(BIN)/hdv-booking serve

test: $(DEVELOPMENT) gateway ## Run the tests, on a real PostgreSQL of their own
	$(BIN)/python -m pytest -m "not long"

long: $(DEVELOPMENT) gateway ## Run the long profiles of the property and storm tests
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -m "long"

check: $(DEVELOPMENT) ## Check formatting, lint, the arrow of imports, types and the checked-in schema, then test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(MAKE) test

format: $(DEVELOPMENT) ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

schema: $(DEVELOPMENT) ## Write the contract to schema/schema.graphql
	$(BIN)/hdv-booking schema > schema/schema.graphql

lock: $(DEVELOPMENT) ## Lock the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
		--group build pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
		--group dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

gateway: $(NODE_MODULES) ## Install the gateways that the tests put in front, if Node is there

wheel: $(DEVELOPMENT) ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean: ## Remove what the other commands installed and built
	rm -rf .venv dist build tests/gateway/node_modules

$(RUNTIME): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 run")'
	@echo "Installing the locked dependencies into .venv (about half a minute)..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-build-isolation --no-index --no-deps -e .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(RUNTIME)
	@echo "Installing the tools for development into .venv..."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(NODE_MODULES): tests/gateway/package-lock.json
	@if command -v npm >/dev/null; then \
		npm ci --prefix tests/gateway --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@; \
	else echo "Node is not here: the tests of the gateways are left out."; fi
