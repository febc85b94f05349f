# make run, make test: everything else is a part of these two. PYTHON=python3.12 make run takes another Python.
PYTHON ?= python3
VENV := .venv
LOCAL_VENV := .local/venv
LOCK_VENV := .local/lock
BIN := $(VENV)/bin
# Some machines ask for no bytecode: then each of the hundreds of processes of a test run compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
# Twice quiet: errors only.
PIP := -m pip --disable-pip-version-check --no-input install -qq
# A file's tests stay together, with what they share. Tests with processes mostly wait, so that more of them fit side
# by side, and begin with what takes longest.
SIDE_BY_SIDE := --numprocesses 2 --dist loadfile
WAITING := --numprocesses 3 --dist loadfile --no-loadscope-reorder
# For a machine whose load is not yours: RERUNS=1 make test tries what fails of those once more, at most three in each
# of the three processes, and says which they were with what failed. Unset, every failure counts.
ONCE_MORE := $(if $(RERUNS),--reruns $(RERUNS) --max-suite-reruns 3 --rerun-show-tracebacks)
CHROMIUM := $(firstword $(foreach name,chromium-headless-shell chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))

# One sentence for what a newcomer's machine may lack; asked only when an environment has to be made.
define need_python
	@command -v $(PYTHON) >/dev/null || { echo "AI-Prism needs Python 3.11 or newer, and there is no '$(PYTHON)' here: install it, or name yours: PYTHON=/path/to/python3 make run"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "AI-Prism needs Python 3.11 or newer, and '$(PYTHON)' is older: name a newer one: PYTHON=python3.12 make run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "'$(PYTHON)' cannot make virtual environments; on Debian and Ubuntu: apt-get install -y python3-venv"; exit 1; }
endef

# Anew where an end in the wrong moment has left one without pip, or an older Python made it.
make_environment = $(1)/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(1)

# $(call install,environment,requirements). A failed step leaves no stamp, so the next make tries again.
define install
	@$(call make_environment,$(1)) || { echo "$(1) could not be made; the lines above say why: free the disk, or make this directory yours."; exit 1; }
	@$(1)/bin/python $(PIP) -r $(2) || { echo "The installation of $(2) failed; pip's lines above say why. It needs the network or an index of yours (PIP_INDEX_URL): then the same command again."; exit 1; }
	@touch $@
endef

.PHONY: help run worker ops check test check-beside with-processes bench soak chaos audit explore lock setup unbroken setup-dev browser-present clean
.DEFAULT_GOAL := help

help:
	@echo "make run      start AI-Prism here, without an AWS account, at http://127.0.0.1:8080 (PORT=8090 make run)"
	@echo "make worker   add a worker to the running system"
	@echo 'make ops CMD="dlq list"   an operator'"'"'s command about the running system; make ops alone lists them'
	@echo "make setup-dev   only install what check and test need"
	@echo "make check    format, lint, types, import rules, unit and contract tests: some two minutes"
	@echo "make test     all of that, and the tests with real processes and a browser"
	@echo "make chaos    kills, outages and lost replies at random for minutes: CHAOS_SEED=7 make chaos is another storm"
	@echo "make audit    bandit, versions taken back by their authors, known faults of what is pinned; needs the network"
	@echo "make explore  the property tests with many new random examples"
	@echo "make lock     requirements.lock anew, after a change of requirements.txt; needs the network"
	@echo "make soak     40 people at work for half an hour with faults now and then: nothing lost, nothing grows"
	@echo "make bench    every promise measured, benchmarks/RESULTS.md written: about two hours, on an idle machine"
	@echo "make clean    delete the environments; the reviews in .local/cloud stay"
	@echo "LOG_LEVEL=INFO make run shows every request and task. PYTHON=python3.12 make run takes another Python."

run: setup
	@exec $(BIN)/python -m infra.local.run

worker: setup
	@exec $(BIN)/python -m infra.local.worker

# 1 says that something waits for a person, which is no fault of make's.
ops: CMD ?= --help
ops: setup
	@$(BIN)/python -m infra.local.ops $(CMD) || test $$? -eq 1

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(SIDE_BY_SIDE) tests/unit tests/contract

# Tests with processes leave a quarter of two cores idle, which does for everything else.
test: browser-present setup-dev
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=line check-beside with-processes

check-beside:
	nice -n 10 $(MAKE) --no-print-directory check

with-processes: setup-dev
	$(BIN)/pytest $(WAITING) $(ONCE_MORE) tests/chaos tests/integration tests/browser

soak: setup-dev
	$(BIN)/python -m benchmarks.soak

bench: setup-dev
	$(BIN)/python -m benchmarks.bench

# Not as a file beside its folder: pytest passes over what it was given twice.
chaos: setup-dev
	$(BIN)/pytest tests/chaos -o 'python_files=test_*.py storm.py' -m '' -s --timeout 600

audit: setup-dev
	$(BIN)/bandit --quiet --recursive core infra app.py celery_config.py celery_tasks_enhanced.py -lll
	$(BIN)/pip install --quiet --dry-run --no-deps --ignore-installed --report $(VENV)/pins.json --requirement requirements.lock
	@! grep -q '"is_yanked": true' $(VENV)/pins.json || { echo "A pinned version was taken back by its authors: $(VENV)/pins.json"; exit 1; }
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

explore: setup-dev
	HYPOTHESIS_PROFILE=explore $(BIN)/pytest tests/unit --timeout 1800

# After a change of requirements.txt. UPGRADE=--upgrade make lock takes newer versions of what those need.
lock: setup
	@$(call make_environment,$(LOCK_VENV)) && $(LOCK_VENV)/bin/python $(PIP) uv==0.13.9
	$(LOCK_VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
		--custom-compile-command "make lock" --output-file requirements.lock requirements.txt

setup: unbroken $(LOCAL_VENV)/.installed

# Before what the tests need is installed, which may replace for a moment what is asked here.
unbroken: $(VENV)/.installed
	@$(BIN)/gunicorn --version >/dev/null 2>&1 || { echo "$(VENV) does not work: this directory was moved, or its Python is gone or another. Once make clean, then the same command again."; exit 1; }

setup-dev: setup $(VENV)/.installed-dev

clean:
	rm -rf $(VENV) $(LOCAL_VENV)

$(VENV)/.installed: requirements.lock
	$(need_python)
	@echo "Installing AI-Prism into $(VENV): once, about a minute."
	$(call install,$(VENV),requirements.lock)

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | unbroken
	@echo "Installing what the tests need into $(VENV): once."
	$(call install,$(VENV),requirements-dev.txt)

$(LOCAL_VENV)/.installed: requirements-local.txt
	$(need_python)
	@echo "Installing the local AWS emulator into $(LOCAL_VENV): once."
	$(call install,$(LOCAL_VENV),requirements-local.txt)

browser-present:
	@test -n "$(CHROMIUM)" || { echo "The browser tests need Chromium: apt-get install -y chromium-headless-shell fonts-liberation"; exit 1; }
