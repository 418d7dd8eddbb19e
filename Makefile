# `make run` starts Walletgraph, `make test` proves it; both make what they need first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The locks are complete: nothing but what they name is asked for, whatever pip would choose.
INSTALL = $(BIN)/pip install -q --disable-pip-version-check --no-deps
PYTEST = $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder
NODE := $(shell command -v npm 2>/dev/null)
# One lock for every Python from 3.11 on and every system, with hashes and without addresses.
COMPILE = $(BIN)/uv pip compile -q $(if $(UPGRADE),--upgrade) pyproject.toml --extra telemetry --universal --python-version 3.11 \
	--no-strip-extras --generate-hashes --no-emit-index-url --no-header --no-annotate
WEB_SOURCES := $(wildcard operations/*) $(shell find web \( -name node_modules -o -name dist \) -prune -o -type f -print)

.DEFAULT_GOAL := help
.PHONY: help run test quick check format schema site wheel bench lock clean

help: ## List the targets.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.runtime web/dist/.built ## Start the graph on http://127.0.0.1:8000 (sandbox unless ONEINCH_API_KEY is set).
	@exec $(BIN)/walletgraph serve

test: check web/dist/.built ## Run every check and every test; COVERAGE=1 measures what they run.
	$(PYTEST) $(if $(COVERAGE),--cov --cov-report=term)

quick: check ## Every check, and the tests that need no browser, gateway or other process.
	DIFFERENTIAL_EXAMPLES=20 $(PYTEST) -q -m "not slow"

check: $(VENV)/.dev ## Style, types, and whether generated files are current.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## Put the Python code in its one format.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(VENV)/.runtime ## Write schema/schema.graphql and docs/reference.md from the code.
	$(BIN)/walletgraph schema > schema/schema.graphql
	$(BIN)/python -m schema.reference > docs/reference.md

site: $(VENV)/.dev ## Build the pages as a site in build/site.
	$(BIN)/python docs/pages.py build/pages
	$(BIN)/zensical build --clean --strict

wheel: $(VENV)/.runtime web/dist/.built ## Build dist/walletgraph-*.whl with its pages: it serves all, without Node.js.
	rm -rf build dist
	$(BIN)/pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist .
	@rm -rf build && ls dist

bench: $(VENV)/.dev ## Measure Walletgraph beside its peers.
	$(BIN)/python -m bench

lock: $(VENV)/.dev ## Pin what pyproject.toml asks for; UPGRADE=1 takes newer versions of all.
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove what was built and installed.
	rm -rf $(VENV) build dist web/dist web/node_modules supergraph/node_modules tests/node/node_modules tests/clients/node_modules tests/deploy/node_modules bench/node_modules

$(VENV)/.runtime: requirements.lock pyproject.toml
	@test -x $(BIN)/pip || $(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("This is Python %d.%d, and Walletgraph needs 3.11 or later: say make PYTHON=<path of a newer one>." % sys.version_info[:2])'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --only-binary :all: -r requirements.lock
	$(INSTALL) --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(INSTALL) --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

ifdef NODE
web/dist/.built: $(WEB_SOURCES) web/node_modules/.package-lock.json schema/schema.graphql
	cd web && npm run --silent build
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --omit=dev --no-audit --no-fund --loglevel=error
	@touch $@
else
.PHONY: web/dist/.built
web/dist/.built:
	@echo "Node.js is not at hand: the dashboard and GraphiQL are left out."
endif
