# Gongbao: `make help` lists what there is. What needs .venv sets it up first, once.
PYTHON ?=
VENV := .venv/bin
# Compiled once, the packages in .venv start seconds faster, whatever the machine's habit is.
export PYTHONDONTWRITEBYTECODE :=

# The first Python that is new enough, or the one given: make report PYTHON=/usr/bin/python3.12
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
define SETUP
@for python in $(CANDIDATES); do \
	if "$$python" -I -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		2>/dev/null; then exec "$$python" -I tools/bootstrap.py; fi; done; \
echo "gongbao: Python 3.11, 3.12 or 3.13 is needed, and none was found under the name(s)\
 $(CANDIDATES). Install one, or name it: make report PYTHON=/path/to/python3" >&2; exit 2
endef

.PHONY: help report test test-all lab docs lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1	/p' Makefile | while read -r name text; do \
		printf 'make %-9s %s\n' "$$name" "$$text"; done

report:  ## render the three notebooks of the bundled study into figures/index.html
	$(SETUP)
	@$(VENV)/gongbao report

test: PICK := not slow
test:  ## ruff, mypy and the tests
test-all:  ## the same with the slow tests
test test-all:
	$(SETUP)
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	@$(MAKE) --no-print-directory -j2 types tests PICK='$(PICK)'
.PHONY: types tests
types:
	$(VENV)/mypy
# A file's tests share what its fixtures made; conftest.py says which files come first.
tests:
	$(VENV)/pytest -q -n auto --dist loadfile --no-loadscope-reorder -m '$(PICK)'

lab:  ## JupyterLab on notebooks/explore.ipynb
	$(SETUP)
	@$(VENV)/gongbao lab

docs:  ## build the documentation → docs/_build/index.html
	$(SETUP)
	$(VENV)/sphinx-build -W --keep-going -n -q docs docs/_build

# The READMEs' pictures, drawn anew.
.PHONY: samples
samples:
	$(SETUP)
	@$(VENV)/python figures/samples/make.py

lock:  ## renew requirements.lock from pyproject.toml
	$(SETUP)
	$(VENV)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
		--fork-strategy fewest --extra dev --custom-compile-command 'make lock' \
		pyproject.toml -o requirements.lock
	$(VENV)/python docs/licences.py
	$(VENV)/python docs/audit.py

clean:  ## take away .venv, figures, documentation and caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist docs/_build docs/_gallery
	[ ! -d figures ] || find figures -mindepth 1 -maxdepth 1 ! -name README.md ! -name samples -exec rm -rf {} +
