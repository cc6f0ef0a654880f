# Every target makes its own virtual environment; `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run test lint format bench results gallery screenshots deck presets clean

run: $(VENV)/.run
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev
	$(BIN)/python -m tests.browser_install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile # competing thread pools slow small tensors down

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.collective --quick

gallery: $(VENV)/.dev
	$(BIN)/python -m models.segmentation.certify_gallery

screenshots: $(VENV)/.dev
	$(BIN)/python -m benchmarks.dashboard.screenshots --out docs/images

deck: $(VENV)/.dev
	$(BIN)/python -m benchmarks.dashboard.deck --out docs/lecture

presets: $(VENV)/.dev
	$(BIN)/python -m benchmarks.dashboard.presets

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $(VENV)/.run $@
