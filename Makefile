# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint format bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/ready  ## a real Kafka, ingest, a worker, the cascade, a plant that breaks: one issue that spreads
	$(BIN)/alltobit demo

test: lint  ## all checks: lint, types, architecture, tests on a real Kafka
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not alone"
	$(BIN)/pytest -m alone

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/ready  ## what this machine can do; `alltobit bench --help` lists more
	$(BIN)/alltobit bench pipeline
	$(BIN)/alltobit bench state
	$(BIN)/alltobit bench latency

$(VENV)/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "alltobit needs Python 3.11 or newer; say: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
