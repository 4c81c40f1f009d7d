# Every target does its own set-up. On a fresh machine: `make story` to read and hear, `make test` to check.
PYTHON ?= python3
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
READY := .venv/ready
SETUP := settings.ini setup.py pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup story test lab docs docs-check bench export readme constraints clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make .venv and install the tested versions

# A new time stamp alone, as after a git checkout, is no reason to install again: the contents decide.
$(READY): $(SETUP)
	@command -v "$(PYTHON)" >/dev/null || { echo "melodynb needs Python 3.10 or later, and there is no $(PYTHON) here: install it or name one with 'make PYTHON=...'."; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 10) else f"melodynb needs Python 3.10 or later, and $(PYTHON) is {v[0]}.{v[1]}: name a newer one with \"make PYTHON=...\".")'
	@if cat $(SETUP) | cksum | cmp -s - $@; then touch $@; else \
	  echo "Setting up .venv, some minutes the first time" && \
	  { test -x $(BIN)/python || "$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "Could not make .venv; on Debian or Ubuntu install python3-venv first."; exit 1; }; } && \
	  $(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]' && cat $(SETUP) | cksum > $@; fi

story: $(READY) ## run the notebooks in order and write their pages and music to _story
	@$(BIN)/python nbs/_story.py $(NOTEBOOKS)

test: $(READY) ## run every test
	@sh tests/system_packages.sh
	@MELODYNB_SIZE=tiny $(BIN)/python -m pytest

lab: $(READY) ## open JupyterLab on the notebooks
	$(BIN)/python -m jupyterlab nbs

docs: docs-check ## build the documentation site in _docs (needs Quarto)
	@if command -v quarto >/dev/null; then $(BIN)/nbdev-docs; \
	else echo "The pages were processed without an error; drawing the site needs Quarto, see https://quarto.org/docs/get-started."; fi

docs-check: $(READY) ## process every notebook as the site does, without Quarto
	@$(BIN)/python -c "from nbdev.serve import proc_nbs; proc_nbs()"

bench: $(READY) ## run the benchmarks and print one table each
	@$(BIN)/python -m benchmarks $(BENCHMARKS)

export: $(READY) ## write melodynb/*.py from the notebooks, and clean the notebooks
	@$(BIN)/nbdev-export
	@$(BIN)/nbdev-clean

readme: $(READY) ## write README.md from nbs/index.ipynb
	@$(BIN)/python nbs/_readme.py

constraints: $(READY) ## write constraints.txt from what is installed in .venv
	@$(BIN)/python tests/freeze.py > constraints.new && mv constraints.new constraints.txt

clean: ## remove what the other targets made, .venv excepted
	rm -rf _story _docs _proc build dist melodynb.egg-info .pytest_cache .hypothesis
	find melodynb nbs tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
