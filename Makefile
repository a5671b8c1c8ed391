# Every command of the project. They need Python 3.11, 3.12 or 3.13 and GNU make; the rest is
# installed into .venv from requirements.lock, again only when that file has changed.
#
#   make run LANDING=<folder or URL> DATA=<folder>    other files, another place for the results
#   make test ARGS="-k sensor"                        arguments for pytest, ruff, uv, ...

.DEFAULT_GOAL := help

# Compiled once and kept: without it every command compiles Dagster anew, for seconds.
export PYTHONDONTWRITEBYTECODE :=

# Installs the lock in seconds where pip needs a minute. Any recent version does.
UV_VERSION := 0.13.9
PY := .venv/bin/python
UV := .venv/.uv-$(UV_VERSION)
INSTALLED := .venv/.installed
PLACES := $(if $(LANDING),--landing "$(LANDING)") $(if $(DATA),--data "$(DATA)")
PYTEST := $(PY) -m pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder
WRITTEN := cache other_landing_zones warehouse published snapshots ledger quality dagster benchmarks models

.PHONY: help
help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(INSTALLED) ## Bring in the files, materialize everything, print the answers (LANDING=, DATA=)
	@$(PY) -m agm_platform run $(PLACES) $(ARGS)

.PHONY: ui
ui: $(INSTALLED) ## Start the web server and the daemon on loopback (LANDING=, DATA=)
	@exec $(PY) -m agm_platform ui $(PLACES) $(ARGS)

.PHONY: dashboard
dashboard: $(INSTALLED) ## Look into what is published: filter, drill down, download (DATA=, ARGS="--port N")
	@exec $(PY) -m agm_platform dashboard $(PLACES) $(ARGS)

.PHONY: replay
replay: $(INSTALLED) ## Read again what is in quarantine, after a repair (LANDING=, DATA=)
	@$(PY) -m agm_platform replay $(PLACES) $(ARGS)

.PHONY: erase
erase: $(INSTALLED) ## Erase a person (PERSON=peak:17 or PERSON_FILE=, LANDING=, DATA=)
	@$(PY) -m agm_platform erase $(PLACES) $(if $(PERSON),--person "$(PERSON)") \
		$(if $(PERSON_FILE),--person-file "$(PERSON_FILE)") $(ARGS)

.PHONY: changes
changes: $(INSTALLED) ## Say what changed between the last two published snapshots (DATA=)
	@$(PY) -m agm_platform changes $(PLACES) $(ARGS)

.PHONY: train
train: $(INSTALLED) ## Train the models of customers anew from what is in the warehouse (DATA=)
	@$(PY) -m agm_platform train $(if $(DATA),--data "$(DATA)") $(ARGS)

.PHONY: review
review: $(INSTALLED) ## Write the pairs of customers to decide to DATA/review/to_decide.csv (DATA=)
	@$(PY) -m agm_platform review-pairs $(PLACES) $(ARGS)

.PHONY: test
test: $(INSTALLED) ## Run the tests, but those that take minutes
	@$(PYTEST) -m "not long" $(ARGS)

.PHONY: test-long
test-long: $(INSTALLED) ## Run the tests that take minutes: stories of faults, erasure, browser, guides
	@$(PYTEST) -m long $(ARGS)

.PHONY: check
check: $(INSTALLED) ## Check format, lint, types, import rules, definitions and generated files
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/dg check defs
	@$(PY) -m agm_platform contracts --check

.PHONY: format
format: $(INSTALLED) ## Format the code and repair what lint can repair
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

.PHONY: contracts
contracts: $(INSTALLED) ## Write the files generated from the contracts: suites, data dictionary
	@$(PY) -m agm_platform contracts $(ARGS)

.PHONY: samples
samples: $(INSTALLED) ## Write data/samples again from the generated world
	@$(PY) -m agm_platform.world --out data/samples $(ARGS)

.PHONY: conformance
conformance: $(INSTALLED) ## Run every table's function on DuckDB and on Spark, compare (see make spark)
	@$(PY) -m agm_platform conformance $(if $(DATA),--data "$(DATA)") $(ARGS)

.PHONY: spark
spark: $(INSTALLED) ## Install the extra spark into .venv; it needs Java 17
	@$(PY) -m uv pip install --python $(PY) -r pyproject.toml --extra spark \
		|| $(PY) -m pip install "$$(sed -n 's/^spark = \["\(.*\)"\]/\1/p' pyproject.toml)"

.PHONY: bench-daily
bench-daily: $(INSTALLED) ## Measure one more day, a backfill and Dagster's fixed cost (DATA=)
	@$(PY) -m benchmarks.daily $(if $(DATA),--data "$(DATA)") $(ARGS)

.PHONY: bench-quality
bench-quality: $(INSTALLED) ## Measure the checks beside plain SQL and Great Expectations (DATA=)
	@$(PY) -m benchmarks.quality $(if $(DATA),--data "$(DATA)") $(ARGS)

.PHONY: bench-matching
bench-matching: $(INSTALLED) ## Judge and measure matching (DATA=, LINKAGE=<folder of FEBRL 4>)
	@$(PY) -m benchmarks.matching $(if $(DATA),--data "$(DATA)") \
		$(if $(LINKAGE),--linkage "$(LINKAGE)") $(ARGS)

.PHONY: bench-grocery
bench-grocery: $(INSTALLED) ## Measure Instacart's job beside DuckDB, polars and pandas (DATA=)
	@$(PY) -m benchmarks.grocery $(if $(DATA),--data "$(DATA)") $(ARGS)

.PHONY: bench-private
bench-private: $(INSTALLED) ## Measure matching without sharing (LINKAGE=<folder of FEBRL 4>)
	@$(PY) -m benchmarks.private_linkage $(if $(LINKAGE),--febrl4 "$(LINKAGE)") $(ARGS)

.PHONY: bench-value
bench-value: $(INSTALLED) ## Judge customer value on CDNOW and on known truth, time a million (CDNOW=)
	@$(PY) -m benchmarks.value $(if $(DATA),--data "$(DATA)") \
		$(if $(CDNOW),--cdnow "$(CDNOW)") $(ARGS)

.PHONY: install
install: $(INSTALLED) ## Install the lock file into .venv

.PHONY: lock
lock: $(UV) ## Resolve pyproject.toml into requirements.lock (ARGS=--upgrade for newer versions)
	@$(PY) -m uv pip compile --quiet pyproject.toml --extra s3 --extra dashboard --group dev \
		--universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file requirements.lock $(ARGS)

.PHONY: clean
clean: ## Delete what runs and tools wrote; landing files, samples, keys and .venv stay (DATA=)
	@rm -rf $(foreach name,$(WRITTEN),"$(or $(DATA),data)/$(name)")
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .tmp_dagster_home_*

# pip is slower but knows the package index of its own configuration, which uv does not read.
# The .pth file puts this folder on the path of .venv/bin/dagster and .venv/bin/dg, which load the
# storage named in dagster.yaml.
$(INSTALLED): requirements.lock Makefile $(UV)
	@echo "Installing requirements.lock into .venv"
	@$(PY) -m uv pip sync --python $(PY) requirements.lock || $(PY) -m pip install -r requirements.lock
	@pwd > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/agm_platform.pth"
	@touch $@

$(UV):
	@for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
		$$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
			2>/dev/null || continue; \
		echo "Creating .venv with $$($$python --version)"; \
		$$python -m venv --clear .venv && \
		$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
		touch $@ && exit 0; \
		exit 1; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 with its venv and ensurepip modules was found." >&2; \
	echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv)," >&2; \
	echo "or name it: make install PYTHON=/path/to/python3.12" >&2; \
	exit 1
