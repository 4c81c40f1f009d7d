# Every target does its own set-up. On a fresh machine: `make story` to read and hear, `make test` to check.
PYTHON ?= python3
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
READY := .venv/ready
COLAB := .venv-colab/ready
SETUP := settings.ini setup.py pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup story test quick test-colab lab docs docs-check bench export readme constraints clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make .venv and install the tested versions

# One recipe, two environments: the tested versions, and Colab's. A new time stamp alone, as after a git checkout, is no
# reason to install again: the contents decide.
$(READY): constraints.txt
$(COLAB): constraints-colab.txt
$(COLAB): PYTHON := $(shell python3.13 -c 'print("python3.13")' 2>/dev/null || echo $(PYTHON))
$(READY) $(COLAB): $(SETUP)
	@command -v "$(PYTHON)" >/dev/null || { echo "melodynb needs Python 3.10 or later, and there is no $(PYTHON) here: install it or name one with 'make PYTHON=...'."; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 10) else f"melodynb needs Python 3.10 or later, and $(PYTHON) is {v[0]}.{v[1]}: name a newer one with \"make PYTHON=...\".")'
	@if cat $^ | cksum | cmp -s - $@; then touch $@; else \
	  echo "Setting up $(@D), some minutes the first time" && \
	  { test -x $(@D)/bin/python || "$(PYTHON)" -m venv $(@D) || { rm -rf $(@D); echo "Could not make $(@D); on Debian or Ubuntu install python3-venv first."; exit 1; }; } && \
	  $(@D)/bin/python -m pip install -q -c $(filter constraints%,$^) -e '.[dev]' && cat $^ | cksum > $@; fi

story: $(READY) ## run the notebooks in order and write their pages and music to _story
	@$(BIN)/python nbs/_story.py $(NOTEBOOKS)

test: $(READY) ## run every test, on as many cores as there are
	@sh tests/system_packages.sh
	@MELODYNB_SIZE=tiny $(BIN)/python -m pytest -n auto

quick: $(READY) ## run the tests of pure functions alone, in well under a minute
	@MELODYNB_SIZE=tiny $(BIN)/python -m pytest -m quick

test-colab: $(COLAB) ## run every test and every notebook with the versions of Google Colab
	@sh tests/system_packages.sh
	@$(<D)/bin/python -c 'import sys; v = sys.version_info; print(f"Colab has Python 3.13, this is {v[0]}.{v[1]}" if v[:2] != (3, 13) else "Python 3.13, as on Colab")'
	@MELODYNB_SIZE=tiny $(<D)/bin/python -m pytest -n auto

lab: $(READY) ## open JupyterLab on the notebooks
	$(BIN)/python -m jupyterlab nbs

docs: $(READY) ## run what changed and build the site: plain pages in _preview and, with Quarto, _docs
	@$(BIN)/python nbs/_site.py

docs-check: $(READY) ## process every notebook as the site does and check every link, without Quarto
	@$(BIN)/python nbs/_site.py --check

bench: $(READY) ## run the benchmarks, a table each; AGAINST=REV times what users wait for against that revision
	@$(BIN)/python -m $(if $(AGAINST),benchmarks.against $(AGAINST),benchmarks) $(BENCHMARKS)

export: $(READY) ## write melodynb/*.py and what editors read of it from the notebooks, and clean them
	@$(BIN)/nbdev-export
	@$(BIN)/nbdev-clean
	@$(BIN)/python nbs/_folds.py
	@$(BIN)/python nbs/_stubs.py
	@$(BIN)/python nbs/_rooms.py

readme: $(READY) ## write README.md from nbs/index.ipynb
	@$(BIN)/python nbs/_readme.py

constraints: $(READY) ## write constraints.txt from what is installed in .venv
	@$(BIN)/python tests/freeze.py > constraints.new && mv constraints.new constraints.txt

clean: ## remove what the other targets made, .venv excepted
	rm -rf _story _docs _preview _pages _proc build dist melodynb.egg-info .pytest_cache .hypothesis
	find melodynb nbs tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
