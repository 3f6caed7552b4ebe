# Two commands on a fresh machine do everything: `make demo` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench wheel clean
PYTHON := .venv/bin/python

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: ## install what is missing (as root also system packages)
	@scripts/setup.sh demo

demo: setup ## the whole way on the example PDFs: read, generate, review, release
	@$(PYTHON) -P examples/demo.py

test: ## every test, with the servers and a browser
	@scripts/setup.sh test
	@$(PYTHON) -m coverage erase
	@scripts/test.sh
	@$(PYTHON) -m coverage combine --quiet
	@$(PYTHON) -m coverage report --format=total | sed 's/^/coverage in per cent: /'

check: setup ## format, lint, types, import directions, unit tests with coverage
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@cd review/server && ../../.venv/bin/mypy --python-executable .venv/bin/python serve.py search.py jobs.py
	@.venv/bin/lint-imports
	@$(PYTHON) -m coverage erase
	@$(PYTHON) -m coverage run -m pytest -m "not prefect and not argilla and not browser and not slow"
	@$(PYTHON) -m coverage combine --quiet
	@$(PYTHON) -m coverage report

bench: setup ## the figures: reading with its peers, clauses, warm rebuild, the LLM engine
	@uv=$$(command -v uv || echo .setup/uv/bin/uv); UV_LINK_MODE=hardlink "$$uv" sync --frozen --quiet --inexact --group bench
	@$(PYTHON) -m benchmarks.read
	@$(PYTHON) -m benchmarks.clauses
	@$(PYTHON) -m benchmarks.rebuild
	@$(PYTHON) -m benchmarks.check
	@$(PYTHON) -m benchmarks.llm --peers

wheel: setup ## build the wheel, install it in a fresh environment, run it from another folder
	@scripts/check_wheel.sh

clean: ## remove the demo project and build products
	rm -rf demo dist .coverage .coverage.*
