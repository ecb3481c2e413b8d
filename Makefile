# Saring: `make run` starts it, `make test` tests it. Everything is installed into .venv from the locked requirements.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8080
DATA_DIR ?= var
FILE ?=

BIN := .venv/bin
run demo: export SARING_HOST := $(HOST)
run demo: export SARING_PORT := $(PORT)
run demo: export SARING_DATA_DIR := $(DATA_DIR)

.PHONY: help run demo test fuzz bench bench-large chaos soak lint lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/run.done  ## start everything at http://HOST:PORT (HOST, PORT and DATA_DIR can be given)
	@exec $(BIN)/saring up

demo: .venv/run.done  ## replay comments against `make run`; FILE=… replays any CSV or JSONL
	@$(BIN)/saring demo $(FILE)

test: .venv/dev.done chromium node  ## run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

fuzz: .venv/dev.done  ## 20,000 requests made from /openapi.json, right and wrong ones (CASES=…, SEED=…)
	$(BIN)/python -m bench.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

bench: .venv/dev.done chromium  ## measure, and write bench/results.json
	$(BIN)/python -m bench

chaos: .venv/dev.done faketime  ## ten minutes of load while every part is killed, paused and misled, then an audit
	$(BIN)/python -m bench.chaos --minutes 10 --kills 100 --seed 1

soak: .venv/dev.done  ## twenty minutes at half load: does memory stay flat?
	$(BIN)/python -m bench.soak --minutes 20

bench-large: .venv/dev.done  ## the same work beside 10,000 and 10 million comments (ROWS=…, KEEP=folder to use them again)
	$(BIN)/python -m bench.large $(if $(ROWS),--rows $(ROWS)) $(if $(KEEP),--keep $(KEEP))

lint: .venv/dev.done  ## ruff, types, import rules, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

lock: .venv/dev.done  ## lock the newest dependencies that pyproject.toml allows, with hashes
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q \
		pyproject.toml --extra build --extra reader -o requirements/run.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q \
		pyproject.toml --extra build --extra reader --extra test --extra peers --extra clients -o requirements/dev.txt

clean:  ## remove what was installed; data stay
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache

.PHONY: faketime
faketime:
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib*/faketime/libfaketimeMT.so.1 2>/dev/null | grep -q . || \
		{ echo "Installing libfaketime, to turn the clock"; \
		  $$([ "$$(id -u)" = 0 ] || echo sudo) sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends libfaketime' \
			|| echo "libfaketime could not be installed: the clock is not turned"; }

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		{ echo "Installing Chromium for the browser tests and measurements"; \
		  $$([ "$$(id -u)" = 0 ] || echo sudo) sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium'; }

.PHONY: node
node:
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo "Installing Node.js, to drive the clients that others published for it"; \
		  $$([ "$$(id -u)" = 0 ] || echo sudo) sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm'; }

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Saring needs Python 3.11 or newer; give one with PYTHON=…")'
	$(PYTHON) -m venv .venv

.venv/run.done: requirements/run.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.done: requirements/dev.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/run.done $@
