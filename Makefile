# Two commands are all a newcomer needs: make run, make test.
# Written for GNU make 3.81 and /bin/sh; every step sets up what it needs.
SHELL = /bin/sh
BIN = .venv/bin
PYTHON = $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)

.PHONY: run test check soak bench lint lock clean
.DEFAULT_GOAL := run

run: .venv/runtime.stamp
	@exec $(BIN)/ecs-training demo

# Three at once on two cores: those in a browser wait more than they work.
test: .venv/dev.stamp
	@$(BIN)/pytest -n 3

lint: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry ecs_training tests
	$(BIN)/djlint --quiet --lint templates

check: lint
	@$(BIN)/pytest -n 3

# The full figure of one heavy check, once: make soak NAME=last-seat
soak: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.soak $(NAME)

# Ours beside a bare-Flask floor, at most eight minutes: make bench, make bench NAME=answer_save
bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.bench $(NAME)

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or later is needed: apt-get install python3, or brew install python"; exit 1; fi
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" .venv; \
	elif $(PYTHON) -c 'import ensurepip, venv' >/dev/null 2>&1; then $(PYTHON) -m venv .venv; \
	else echo "Python's venv module is missing: apt-get install $(PYTHON)-venv"; exit 1; fi

.venv/runtime.stamp: .venv/bin/python requirements.lock pyproject.toml
	@$(call install,requirements.lock)
	@touch $@

# node comes from a Python package, as everything else: two of the calendar programs that the
# tests read our feeds with are written for it.
CLIENTS = tests/calendar_feeds/clients
.venv/dev.stamp: .venv/bin/python requirements-dev.lock pyproject.toml $(CLIENTS)/package-lock.json
	@$(call install,requirements-dev.lock)
	@cd $(CLIENTS) && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent
	@touch .venv/runtime.stamp $@

# Hash-checked packages, then ourselves; nothing is resolved or built from elsewhere.
define install
if command -v uv >/dev/null 2>&1; then \
	uv pip install --quiet --python .venv/bin/python --require-hashes -r $(1) && \
	uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .; \
else \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
fi
endef

# For maintainers with uv: pin what the .in files ask for, with hashes and without addresses.
LOCK = uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal --python-version 3.11
lock:
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements-dev.in -o requirements-dev.lock

clean:
	rm -rf .venv var
