# Every target sets up .venv first when it is missing or older than what it is made from.

# The first Python that is new enough; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for python in python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)

BIN := .venv/bin
READY := .venv/.ready

# The prompt reaches the recipe through the environment, letter by letter: neither make nor the shell reads it.
override PROMPT := $(value PROMPT)
export PROMPT

.PHONY: run test check draw bench bench-quality train
.DEFAULT_GOAL := run

run: $(READY)  ## the page and a worker on http://127.0.0.1:8000
	$(BIN)/text2art up

test: $(READY)  ## every test, the browser's too
	$(BIN)/python -m pytest

check: $(READY)  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@if command -v node >/dev/null; then \
		for script in $$(find frontend -name '*.js'); do \
			echo "node --check $$script"; node --input-type=module --check <"$$script" || exit 1; \
		done; \
	else echo "node is not installed: frontend/ was not checked"; fi

draw: $(READY)  ## make draw PROMPT="castle underwater" paints picture.png and picture.mp4
	@test -n "$$PROMPT" || { echo 'usage: make draw PROMPT="castle underwater"' >&2; exit 2; }
	@$(BIN)/clipit -o picture.png --video -- "$$PROMPT"

bench: $(READY)  ## how fast a step is, and how long from submit to mail
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.service

bench-quality: $(READY)  ## how well a judge finds the prompt in the picture
	$(BIN)/python -m benchmarks.quality

train: $(READY)  ## make the small models again
	$(BIN)/python -m training

$(READY): pyproject.toml constraints.txt tests/oracles/requirements.txt
	@test -n "$(PYTHON)" || { echo "Text2Art needs Python 3.11 or newer; found: $$(python3 --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Text2Art needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --no-deps --requirement tests/oracles/requirements.txt
	@touch $@
