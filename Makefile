# `make run` starts Walletgraph, `make test` proves it; both make what they need first.
PYTHON ?= python3
BIN := .venv/bin
NODE := $(shell command -v npm 2>/dev/null)
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist \) -prune -o -type f -print)

.DEFAULT_GOAL := help
.PHONY: help run test check format schema bench lock clean

help: ## List the targets.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: .venv/.runtime web/dist/.built ## Start the graph on http://127.0.0.1:8000 (sandbox unless ONEINCH_API_KEY is set).
	@exec $(BIN)/walletgraph serve

test: check web/dist/.built ## Run every check and every test.
	$(BIN)/pytest -n auto --dist loadfile --cov --cov-report=term

check: .venv/.dev ## Style, types, and whether generated files are current.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.dev ## Put the Python code in its one format.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: .venv/.runtime ## Write schema/schema.graphql from the code.
	$(BIN)/walletgraph schema > schema/schema.graphql

bench: .venv/.dev ## Measure Walletgraph beside its peers.
	$(BIN)/python -m bench

lock: .venv/.dev ## Pin all dependencies anew, with hashes and without addresses.
	$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove what was built and installed.
	rm -rf .venv web/dist web/node_modules supergraph/node_modules tests/node/node_modules bench/node_modules

.venv/.runtime: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
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
	@echo "Node.js is not at hand: the dashboard is left out, and GraphiQL loads from a public CDN."
endif
