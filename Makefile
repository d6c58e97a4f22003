# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BULK := $(VENV)/.ready-bulk

# Byte code is kept: else each of the tests' many processes compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check lint types layers deps collect lock clean

demo: $(READY)
	$(BIN)/okoshi demo

test: $(READY) $(BULK)
	$(BIN)/pytest

check: lint types layers deps collect

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

deps: $(READY)
	$(BIN)/deptry .

# Every test can be imported; and their byte code is there before many workers would each make it.
collect: $(READY) $(BULK)
	$(BIN)/pytest --collect-only -q -q -n0

$(READY): requirements/dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Okoshi needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

# The extra okoshi[splink]: only its own tests need it.
$(BULK): $(READY) requirements/splink.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/splink.lock
	touch $(BULK)

# Needs uv; writes the lock files without any registry address.
lock:
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml -o requirements/runtime.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --extra sandbox --group dev -c requirements/runtime.lock -o requirements/dev.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --extra splink -c requirements/dev.lock -o requirements/splink.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group build -c requirements/dev.lock -o requirements/build.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
