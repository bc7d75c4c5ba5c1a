# `make repro` runs the pipeline, `make estimate` tells what its calls will cost, `make review` opens the
# experts' pages in the browser, `make test` runs the checks, `make doctor` looks for raw data where it
# could leave the machine; each first sets up .venv, once.

PYTHON ?= python3
ADDRESS ?= 127.0.0.1
PORT ?= 8501
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: repro estimate review test doctor lint format setup

repro: setup
	python src/check.py
	dvc repro

estimate: setup
	dvc repro --quiet split
	python src/estimate.py

review: setup
	streamlit run src/review.py --server.address $(ADDRESS) --server.port $(PORT)

test: export OMP_WAIT_POLICY := PASSIVE
test: setup lint
	python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

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
