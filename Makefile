# Two commands on a fresh machine: `make run` and `make test`. They need Python 3.11+ and git.
python := .venv/bin/python
pytest := $(python) -m pytest

.DEFAULT_GOAL := run
.PHONY: run demo build test check soak replay messages bench clean

run: build  ## the board, with its data in VAR (./var)
	@exec $(python) -m dashboard.run --with-make

demo: build  ## a made-up community and afternoon, with its data in var/demo
	@exec env COMMUNITY=riverbend COMMUNITY_NAME=Riverbend DEMO=yes VAR="$${DEMO_VAR:-var/demo}" \
		$(python) -m dashboard.run --with-make

build:  ## packages and page scripts: nothing where they are there
	@bin/setup

test: check  ## everything, in at most 8 minutes
	@$(pytest) -n 4 --dist loadgroup

check:  ## format, lint, types
	@bin/setup test
	@$(python) -m ruff format --check --quiet .
	@$(python) -m ruff check --quiet .
	@$(python) -m mypy

soak: check  ## the same proofs at full length
	@SOAK=1 $(pytest) -n 4 --dist loadgroup

replay: build  ## 85 nights of Toronto through the API, in order and shuffled (FILE=… to say where)
	@$(python) -m bench.replay $(FILE)

messages: build  ## the sentences that still need French, added to its file
	@$(python) -m dashboard.sentences

bench: build  ## the product beside its peers; PART=fanout runs one part, QUICK=1 only tries it
	@$(python) -m bench $(PART)

clean:  ## what build made; never the data in var
	@rm -rf .venv node_modules static/vendor .setup.lock .mypy_cache .ruff_cache .pytest_cache
	@find dashboard tests -name '__pycache__' -prune -exec rm -rf {} +
