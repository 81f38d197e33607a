# Every target sets itself up: a machine with Python 3.11 or newer and make needs nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Loops of small matrices run several times faster without BLAS threads on few cores.
export OPENBLAS_NUM_THREADS ?= 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: help demo test ui check coverage bench soak bi-check spark-check scale-check dist docs lock clean

help:
	@echo "make demo         run the whole flow on an invented world and publish it (own data folder: data/demo)"
	@echo "make ui           open the Dagster UI on your data folder (TWEETBENCH_DATA_DIR, default: data)"
	@echo "make test         run all tests"
	@echo "make check        lint, types, SQL lint, dbt parse, definitions, generated files, then all tests"
	@echo "make coverage     run all tests with line coverage"
	@echo "make bench        run the short benchmarks (under five minutes)"
	@echo "make soak         hours of crashes, damaged files, full disks and generated exports; resumes the last soak"
	@echo "make bi-check     test Superset end to end in its own environment (under ten minutes)"
	@echo "make spark-check  build the same models on Apache Spark and compare every mart (Java 17; after make demo)"
	@echo "make scale-check  build on a Spark cluster and a bucket of this machine, lose a worker, compare cost with DuckDB's"
	@echo "make dist         build the wheel and the source archive into dist/"
	@echo "make container-check  build the container image and let it work (Docker or buildah)"
	@echo "make site         build the documentation as static pages into site/"
	@echo "make docs         write dbt's documentation as one static file into the data folder"
	@echo "make lock         update the lock files (needs uv)"

demo: $(VENV)/.installed
	$(BIN)/tweetbench demo

ui: $(VENV)/.installed
	$(BIN)/tweetbench ui

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --durations 20

check: lint test

# Takes twice as long as the tests alone, so it is not part of the check.
coverage: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --cov=pipeline --cov-report=term:skip-covered $(TESTS)

.PHONY: lint
lint: $(VENV)/.installed-dev
	+@$(MAKE) --no-print-directory --jobs 2 --output-sync check-style check-types check-sql check-generated check-definitions

.PHONY: check-style check-types check-sql check-generated check-definitions
check-style: $(VENV)/.installed-dev
	$(BIN)/ruff format --check pipeline tools tests benchmarks bi spark
	$(BIN)/ruff check pipeline tools tests benchmarks bi spark
	$(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports
	$(BIN)/deptry pipeline
	$(BIN)/python -m tools.wording

check-types: $(VENV)/.installed-dev
	$(BIN)/mypy

check-sql: $(VENV)/.installed-dev
	$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests

check-generated: $(VENV)/.installed-dev
	$(BIN)/python -m tools.dbt_sources --check
	$(BIN)/python -m tools.dbt_exposures --check
	$(BIN)/python -m tools.data_dictionary --check
	$(BIN)/python -m tools.licences --check
	$(BIN)/python -m tests.guarantees.catalogue --check
	$(BIN)/python -m tools.survey_schema --check
	$(BIN)/python bi/superset_bundle.py --check

check-definitions: $(VENV)/.installed-dev
	@folder=$$(mktemp -d); TWEETBENCH_DATA_DIR=$$folder $(BIN)/dg check defs; code=$$?; rm -rf $$folder; exit $$code

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/run.py

soak: $(VENV)/.installed-dev
	nice -n 10 $(BIN)/python -m tests.guarantees.soak --more --seconds $(or $(SECONDS_EACH),3600)

bi-check: $(VENV)/.installed-dev
	$(BIN)/python bi/check.py

spark-check: $(VENV)/.installed-dev
	$(BIN)/python spark/check.py

scale-check: $(VENV)/.installed-dev
	$(BIN)/python spark/scale_check.py

# A wheel that runs anywhere, and the source; `pip install dist/*.whl` gives the command.
dist: $(VENV)/.installed
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist

.PHONY: container-check
container-check: dist
	tools/container_check.sh

.PHONY: site
site: $(VENV)/.installed-dev
	$(BIN)/python -m tools.site

docs: $(VENV)/.installed
	$(BIN)/python -m tools.static_docs

# The lock files carry hashes and name no host; only this target needs `uv`.
lock:
	uv pip compile pyproject.toml --group build -o requirements.lock $(LOCK_OPTIONS)
	uv pip compile pyproject.toml --group build --group dev $(LOCKED_EXTRAS) -c requirements.lock -o requirements-dev.lock $(LOCK_OPTIONS)
	printf 'dagster-postgres\npsycopg2-binary\n' | uv pip compile - --no-deps -c requirements-dev.lock -o requirements-server.lock $(LOCK_OPTIONS)

# All but spark: PySpark has an environment of its own (spark/requirements.txt).
LOCKED_EXTRAS := --extra notify --extra postgres --extra s3 --extra server
LOCK_OPTIONS := --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --universal \
	--python-version 3.11 --quiet

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tweetbench needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	@echo "creating $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created requirements.lock pyproject.toml
	@echo "installing locked packages (once, a minute or two)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# The lock file for development includes the one for run time, so one installation is enough.
$(VENV)/.installed-dev: $(VENV)/.created requirements.lock requirements-dev.lock pyproject.toml
	@echo "installing locked packages with those for tests (once, a minute or two)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/.installed $@

clean:
	@# Published versions are sealed: their folders are not writable.
	chmod -R u+w data/demo 2>/dev/null || true
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis data/demo
