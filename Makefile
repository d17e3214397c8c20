# Two commands do everything on a fresh machine with Python 3.11, make and git:
#   make plan   plan the bundled park and say where its map is
#   make test   lint, types, import contract, tests (browser tests included)
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
OUT := out/park2

.PHONY: plan test check bench format clean

plan: $(VENV)/.runs
	$(BIN)/geoplan plan layers/astana/park2.toml --out $(OUT)
	@echo "Open the map: file://$(CURDIR)/$(OUT)/map.html"

test: $(VENV)/.tests chromium postgis
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: test

# Peers are installed from PyPI into folders of their own; the run takes about an hour.
# PARTS=subdivision, allocation, map, flows or programme is one part, BENCH="--quick" and others
# are its options.
bench: $(BIN)/python
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .[bench]
	.venv-bench/bin/python -m benchmarks $(PARTS) $(BENCH)

# Measures anew into out/bench, and shows what has fallen behind the committed ratios.
.PHONY: bench-check
bench-check: $(BIN)/python
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .[bench]
	.venv-bench/bin/python -m benchmarks $(PARTS) --out out/bench $(BENCH)
	.venv-bench/bin/python -m benchmarks.regressions out/bench/results.json

# Pages and pictures that are made from the code; they are committed.
.PHONY: docs
docs: $(VENV)/.runs
	$(BIN)/python docs/make_reference.py
	$(BIN)/python docs/make_architecture.py
	$(BIN)/python docs/make_pictures.py

# The notebooks, in a browser; Ctrl+C ends it.
.PHONY: lab
lab: $(VENV)/.runs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .[lab]
	$(BIN)/python -m jupyterlab --notebook-dir notebooks

# The guide as pages that are read without internet.
.PHONY: guide
guide: $(VENV)/.runs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .[docs]
	$(BIN)/python -m sphinx -q -W -b html -d out/.doctrees docs out/guide
	@echo "Open the guide: file://$(CURDIR)/out/guide/index.html"

# The map's catalogues, after its texts have changed; it names what is left to translate.
.PHONY: words
words: $(VENV)/.runs
	$(BIN)/python docs/make_words.py

format: $(VENV)/.tests
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .venv-bench .venv-peers out build dist *.egg-info

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Install Python 3.11 or later with venv."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is older than 3.11; set PYTHON=/path/to/python3.11."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# constraints.txt holds the versions that the tests last ran with.
$(VENV)/.runs: $(BIN)/python setup.cfg pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.tests: $(VENV)/.runs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .[test]
	@touch $@

.PHONY: chromium
chromium:
	@command -v chromium > /dev/null || tests/install_chromium.sh

.PHONY: postgis
postgis:
	@tests/install_postgis.sh
