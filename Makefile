# The tasks of Frontdoor; `make` alone lists them. Two matter: `make run` and `make test`.
# What is needed beforehand: make, Python 3.11 or newer, a package registry. Everything else is brought.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.ONESHELL:
.NOTPARALLEL:
.DELETE_ON_ERROR:

# Compiled bytecode halves Rasa's start; nobody else's environment leaks in.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV
export RASA_TELEMETRY_ENABLED := false
export UV_HTTP_TIMEOUT ?= 180
export HYPOTHESIS_STORAGE_DIRECTORY ?= $(CURDIR)/var/cache/hypothesis

UV := scripts/uv
PY := .venv/bin/python
ROOT := .venv/.installed
BOT := bot/.venv/.installed
COMPILE := pip compile --universal --generate-hashes --no-header --no-annotate --quiet

# Without a .env file this is a demonstration: seeded staff, and pages that say nobody is reading.
ifeq ($(wildcard .env),)
export FRONTDOOR_DEMONSTRATION ?= true
endif

.PHONY: help run test faults soak check train bench pictures fmt lock install clean

help: ## list these tasks
	@if [ -t 1 ]; then bold=$$(tput bold 2>/dev/null || true); off=$$(tput sgr0 2>/dev/null || true); else bold= off=; fi
	awk -F ':.*## ' -v b="$$bold" -v o="$$off" \
		'/^[a-z-]+:.*## / { printf "  %smake %-8s%s %s\n", b, $$1, o, $$2 }' $(MAKEFILE_LIST)

run: $(ROOT) $(BOT) ## install what is missing, train, migrate and start everything
	@exec .venv/bin/frontdoor run

test: $(ROOT) $(BOT) ## every test, from a clean checkout (or some: make test ONLY="unit bot")
	@scripts/test $(ONLY)

faults: $(ROOT) $(BOT) ## the long versions of tests: a thousand kills, thousands of claims (docs/reliability.md)
	@scripts/test faults

MINUTES ?= 30
soak: $(ROOT) $(BOT) ## a front door under steady life for half an hour: memory and open handles (or: make soak MINUTES=5)
	@$(PY) bench/soak.py --minutes $(MINUTES)

check: $(ROOT) ## ruff, mypy --strict, the layers: all four, whichever fail
	@failed=0
	.venv/bin/ruff check . || failed=1
	.venv/bin/ruff format --check . || failed=1
	.venv/bin/mypy || failed=1
	.venv/bin/lint-imports --no-cache --no-logo || failed=1
	exit $$failed

train: $(ROOT) $(BOT) ## train screening and the bot if what they learn from has changed
	@$(PY) -m handoff.screening.training
	$(PY) -m handoff.training

bench: $(ROOT) $(BOT) ## measure screening, the store and the bot
	@mkdir -p var/bench
	$(PY) bench/screening.py
	$(PY) bench/store.py var/bench
	bot/.venv/bin/python bench/nlu.py --pipelines lean

pictures: $(ROOT) $(BOT) ## take README's pictures anew, of the real pages
	@scripts/test train
	@$(PY) scripts/pictures

fmt: $(ROOT) ## put the code in order
	@.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: ## resolve the three lock files again
	@$(UV) $(COMPILE) pyproject.toml --group dev -o requirements.lock
	$(UV) --directory bot $(COMPILE) pyproject.toml --group dev --python-version 3.11 -o requirements.lock
	$(UV) $(COMPILE) --group pyproject.toml:tools -o tools.lock

install: $(ROOT) $(BOT) ## only install both runtimes

clean: ## remove runtimes, caches and models; never var/, which holds people's words
	@rm -rf .venv bot/.venv .tools .rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	find models -mindepth 1 ! -name README.md -delete
	find . -name __pycache__ -type d -not -path './var/*' -exec rm -rf {} +

# ── the two runtimes ─────────────────────────────────────────────────────────────────────────────────────────────────

$(ROOT): .venv/.synced pyproject.toml
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	touch $@

.venv/.synced: requirements.lock
	@scripts/runtime root
	touch $@

$(BOT): bot/requirements.lock
	@scripts/runtime bot
	touch $@
