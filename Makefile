# Every target sets up what it needs. Python 3.10 or later, git and make are all it asks for.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .build

.PHONY: check test clients lint bench bench-integrity bench-lockfiles docs clean

# The main job on real input: this repository, and the environment that was just installed.
check: $(STAMP)/installed
	$(BIN)/fimci check
	$(BIN)/fimci check .venv --baseline $(STAMP)/environment.baseline
	@echo
	@echo "Next: edit a file and run '$(BIN)/fimci check' again, read '$(BIN)/fimci explain',"
	@echo "or let '$(BIN)/fimci init PATH' set up a repository of yours."

test: $(STAMP)/tested
	$(BIN)/python -m pytest -n 2 --maxschedchunk 200 --cov --cov-report=term:skip-covered tests

# The action under a runner, the hooks under their framework, what other checkers say of both; reports before a
# browser and a validator; hosts, images and registries with the programs that others have for them; rsyslog;
# what package managers lock.
clients: $(STAMP)/tested $(STAMP)/clients
	FIMCI_TEST_CLIENTS="$(CURDIR)/$(STAMP)/clients/bin" $(BIN)/python -m pytest -n 2 --dist loadfile -rs \
		tests/test_action_act.py tests/test_hooks.py tests/commands/test_init.py \
		tests/reports/test_html.py tests/reports/test_sarif.py \
		tests/reports/test_markdown.py::test_a_browser_shows_names_as_text_and_runs_nothing \
		tests/sources/test_attributes.py tests/sources/test_hive.py tests/sources/test_oci.py tests/test_hosts.py \
		tests/delivery/test_rsyslog.py tests/test_lock_clients.py

lint: $(STAMP)/linted
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(STAMP)/installed
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/sinks.py

# Takes a quarter of an hour and 6 GB of disk; `--help` tells how to make it smaller.
bench-integrity: $(STAMP)/installed
	$(BIN)/python benchmarks/integrity --install-peers

# Clients that are not on the path: `make bench-lockfiles CLIENTS=FOLDER`.
bench-lockfiles: $(STAMP)/tested
	$(BIN)/python benchmarks/lockfiles --clients "$(CLIENTS)"

docs: $(STAMP)/tested
	$(BIN)/python tools/features.py
	$(BIN)/python tools/peers.py
	$(BIN)/python tools/docs.py

clean:
	rm -rf .venv $(STAMP)

$(STAMP)/installed: pyproject.toml
	@mkdir -p $(STAMP)
	$(PYTHON) -c 'import sys; sys.exit("fimci needs Python 3.10 or later" if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	$(BIN)/fimci baseline .venv --output $(STAMP)/environment.baseline
	@touch $@

$(STAMP)/tested: $(STAMP)/installed
	$(BIN)/python -m pip install --quiet --group test
	$(BIN)/fimci baseline .venv --output $(STAMP)/environment.baseline
	@touch $@

$(STAMP)/clients: tests/clients.txt tools/clients.py
	$(PYTHON) tools/clients.py $@
	@touch $@

$(STAMP)/linted: $(STAMP)/tested
	$(BIN)/python -m pip install --quiet --group lint
	$(BIN)/fimci baseline .venv --output $(STAMP)/environment.baseline
	@touch $@
