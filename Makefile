# The two commands: `make demo` and `make test`. Python 3.11 or newer and make are all they need.
PYTHON ?= python3
BIN := .venv/bin
# The locks are complete, so nothing is resolved; what is never imported is never compiled.
PIP := $(BIN)/python -m pip --disable-pip-version-check -q install --no-deps --no-compile
# One more than there are cores: tests also wait, for browsers and other processes.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# Compiled modules are kept, so that a second start compiles nothing; it is the slowest part of one.
export PYTHONDONTWRITEBYTECODE :=

# Stamps carry the content of what they stand for, so a second start installs nothing.
sum = $(shell cat $(1) 2>/dev/null | cksum | tr -d ' ')
RUN := .venv/.run-$(call sum,requirements.lock pyproject.toml)
DEV := .venv/.dev-$(call sum,requirements.lock requirements-dev.lock pyproject.toml)
NODE := node_modules/.installed-$(call sum,package-lock.json)
CATALOGS := .venv/.catalogs-$(call sum,translations/*/LC_MESSAGES/*.po)

.PHONY: demo install test check bench soak

demo: $(RUN) $(CATALOGS) ## the demo company on one port; Ctrl-C stops everything
	@exec $(BIN)/trellis demo

install: $(DEV) $(CATALOGS) ## .venv with everything for development

test: install $(NODE) ## the whole suite
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not soak"

soak: install ## faults and races at full size, with figures
	@$(BIN)/pytest -n 0 -m soak -s -v

bench: install ## every benchmark script, with figures
	@missed=; for script in tests/benchmarks/bench_*.py tests/benchmarks/matching.py; do echo "== $$script"; \
	$(BIN)/python $$script || missed="$$missed $$script"; done; \
	[ -z "$$missed" ] || { echo "failed, or missed a bound:$$missed"; exit 1; }

check: install ## format, lint, types, imports, templates, catalogs, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/djlint templates --profile=jinja --lint
	$(BIN)/trellis translate check
	$(BIN)/trellis check

.venv/bin/python:
	$(PYTHON) -m venv .venv

$(RUN): | .venv/bin/python
	@echo "Installing what Trellis stands on, by hash ..."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation -e .
	@rm -f .venv/.run-* && touch $@

$(DEV): | .venv/bin/python
	@echo "Installing what Trellis is developed with, by hash ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-build-isolation -e .
	@rm -f .venv/.dev-* .venv/.run-* && touch $@ $(RUN)

# ical.js reads our calendar entries as other programs do; nothing of it is served.
$(NODE):
	@if ! command -v npm >/dev/null; then echo "No Node here: the tests that need it are skipped by name."; \
	elif npm ci --ignore-scripts --no-audit --no-fund >/dev/null; then touch $@; \
	else echo "npm ci failed: the tests that need Node are skipped by name."; fi

$(CATALOGS):
	@$(BIN)/trellis translate compile
	@rm -f .venv/.catalogs-* && touch $@
