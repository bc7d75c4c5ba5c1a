# `make repro` runs the pipeline, `make estimate` tells what its calls will cost, `make test` runs the
# checks, `make doctor` looks for raw data where it could leave the machine; each first sets up .venv,
# once.

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export OMP_WAIT_POLICY := PASSIVE

.PHONY: repro estimate test doctor lint format setup

repro: setup
	dvc repro

estimate: setup
	python src/estimate.py

test: setup lint
	python -m pytest -n 2 --dist loadfile

doctor: setup
	python src/doctor.py

lint: setup
	ruff check
	ruff format --check
	mypy src/arf

format: setup
	ruff check --fix
	ruff format

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	pip install --quiet --disable-pip-version-check -c constraints.txt '.[test]'
	touch $@
