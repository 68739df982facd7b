# All set-up is done here, from a fresh clone, with nothing but CPython 3.11 or newer, make and git.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
VERSIONS := 3.11 3.12 3.13 3.14
OTHERS = $(filter-out $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'),$(VERSIONS))
WORKERS ?= auto
SPHINX := -n -W --keep-going -q -d docs/_build/doctrees

# These walks start other programs, which know nothing of the CPython that serves them. The rest does not depend on it
# either: the walk through all facts of a key, the imports, the policy language beside mathematics and a second opinion,
# and the pages of the docs.
ONCE_IS_ENOUGH := --ignore=tests/walks/test_aws_cli.py --ignore=tests/walks/test_aws_cli_profiles.py \
	--ignore=tests/walks/test_attested.py --ignore=tests/walks/test_console_commands.py \
	--ignore=tests/walks/test_node.py --ignore=tests/walks/test_encryption_sdk.py \
	--ignore=tests/walks/test_material_providers.py \
	--ignore=tests/exploration --ignore=tests/test_architecture.py \
	--ignore=tests/policy/proofs --ignore=tests/policy/test_naive.py --ignore=tests/docs \
	--ignore=tests/laws/test_callers.py --ignore=tests/console/browser --ignore=tests/test_moto.py \
	--deselect=tests/cli/test_commands.py::test_the_command_that_the_page_of_the_tables_names_prints_that_page

# These ask most of what the package stands on, and little of what only tests stand on.
LOWEST := tests/crypto/test_private_keys.py tests/crypto/test_seeded_hsm.py tests/storage tests/test_iam_file.py \
	tests/test_server.py tests/test_seed_file.py tests/test_seeds.py tests/test_host_routes.py tests/cli/test_demo.py

# Of these files every branch is walked by a test that asserts.
COVERED_WHOLE := src/kmsmodel/machine/*,src/kmsmodel/calls/access.py,src/kmsmodel/calls/use.py,src/kmsmodel/operations/importing.py

# What walks the branches of those files. Counting takes as long again, so nothing else is counted.
COUNTED := tests/machine tests/calls tests/operations tests/key tests/memory tests/hsm

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

# $(call set-up,INTERPRETER,LOCK) makes the virtual environment that the target's stamp stands in. A lock names all
# that is needed, so pip resolves nothing: of an extra such as coverage[toml] it would ask for a newer version.
define set-up
	@test -n "$(1)" || { echo "No CPython 3.11 or newer was found: say make PYTHON=..." >&2; exit 1; }
	@echo "Setting up $(@D)"
	@rm -rf $(@D)
	@$(1) -m venv $(@D)
	@$(@D)/bin/pip install -qq --require-hashes --no-deps --requirement $(2)
	@$(@D)/bin/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
endef

# $(call interpreter,3.X) is a command that prints a CPython 3.X of this machine, if there is one.
interpreter = for python in python$(1) "$$HOME"/.pyenv/versions/$(1).*/bin/python; do \
	"$$python" -c 'import sys, ensurepip; sys.exit("%d.%d" % sys.version_info[:2] != "$(1)")' \
	2>/dev/null && echo "$$python" && break; done

.PHONY: help
help: ## Tell what can be made.
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
	|| sed -nE 's/^([a-z-]+):.*## (.*)/  make \1: \2/p' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv-demo/ready ## Walk a KMS key with imported key material through its life.
	@.venv-demo/bin/kmsmodel demo
	@echo "To see it in a browser, as in the AWS console: make console"

PORT ?= 8080

.PHONY: console
console: .venv/ready ## Build the console, serve it on this machine, and open it in a browser (it needs Node).
	@echo "Building the page of the console"
	@.venv/bin/python hatch_build.py
	@.venv/bin/kmsmodel serve --console --port $(PORT) --account 111122223333 --iam examples/console-people.yaml \
	| while read -r url; do echo "$$url"; \
	case "$$url" in */console/) .venv/bin/python -m webbrowser -t "$$url" >/dev/null;; esac; done

# What stands there is as new as what it is built from.
PAGE := src/kmsmodel/console/static/index.html

.PHONY: console-page
console-page: $(PAGE) ## Build the console's page, and check its types and its style (it needs Node).
	cd console && npm run --silent check

$(PAGE): $(shell find console -name node_modules -prune -o -type f -print)
	cd console && npm ci --ignore-scripts --no-audit --no-fund && npm run --silent build
	@touch $@

.PHONY: test-console
test-console: .venv/ready $(PAGE) ## Drive the console in Chromium, by role and name only.
	.venv/bin/pytest -q tests/console

.PHONY: console-pictures
console-pictures: .venv/ready $(PAGE) ## Take the pictures of the docs anew.
	KMSMODEL_PICTURES=write .venv/bin/pytest -q tests/console/browser/test_pictures.py

.PHONY: test
test: .venv/ready .venv-aws/ready ## Run all tests, and tell whether they walk every branch of the rules of a key's life.
	.venv/bin/pytest -q -n $(WORKERS) --dist worksteal $(COUNTED:%=--ignore=%)
	.venv/bin/pytest -q -n $(WORKERS) --dist worksteal $(COUNTED) --cov --cov-report=
	@echo "Of the rules of a key's life, every branch must be walked:"
	@.venv/bin/coverage report --include='$(COVERED_WHOLE)' --fail-under=100

.PHONY: test-every
test-every: $(VERSIONS:%=test-%) ## Run all tests on each CPython, 3.11 to 3.14, that this machine has.

.PHONY: test-others
test-others: $(OTHERS:%=test-%) ## Run all tests on each of them but the one that make test uses.

# Of two CPythons, the oldest and the newest differ most: what both of them run, those between run too.
NEWEST = $(firstword $(foreach version,3.14 3.13 3.12,$(if $(shell $(call interpreter,$(version))),$(version))) 3.14)

.PHONY: test-newest
test-newest: test-$(NEWEST) ## Run all tests on the newest CPython that this machine has.

test-%:
	@if python=$$($(call interpreter,$*)) && test -n "$$python"; then \
		$(MAKE) --no-print-directory .venvs/$*/ready INTERPRETER="$$python" \
		&& echo "CPython $*" && .venvs/$*/bin/pytest -q -n $(WORKERS) --dist worksteal $(ONCE_IS_ENOUGH) $(LESS); \
	else echo "CPython $* is not on this machine."; fi

.PHONY: test-aioboto
test-aioboto: .venv-aioboto/ready ## Run the tests of aiobotocore's clients, on the botocore that it takes.
	.venv-aioboto/bin/pytest -q tests/test_aioboto.py

.PHONY: test-lowest
test-lowest: .venv-lowest/ready ## Run some tests on the lowest versions that the package takes.
	.venv-lowest/bin/pytest -q $(LOWEST)

.PHONY: package
package: .venv/ready ## Build the package, and try it and each extra in environments of their own.
	.venv/bin/python -m tests.package

.PHONY: campaign
campaign: .venv/ready ## Send 100,000 bodies of all kinds to the wire door, and tell what came of them.
	.venv/bin/python -m tests.campaign

.PHONY: check
check: .venv/ready ## Check style, types (mypy and pyright, both strict) and docs.
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pyright
	@$(MAKE) --no-print-directory docs

.PHONY: format
format: .venv/ready ## Format the code, and mend what can be mended without thought.
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: docs
docs: .venv/ready ## Build the docs in docs/_build/html, and run each example in them.
	.venv/bin/sphinx-build $(SPHINX) -b html docs docs/_build/html
	.venv/bin/sphinx-build $(SPHINX) -b doctest docs docs/_build/doctest

.PHONY: bench
bench: .venv/ready ## Measure, in ratios that hold on any machine.
	.venv/bin/pytest -q -o addopts='--import-mode=importlib -p no:xdist' benchmarks \
	--benchmark-only --benchmark-columns=min,median,stddev,rounds --benchmark-sort=name

.PHONY: mutants
mutants: .venv/ready ## Change the rules of a key's life and of who may do what, one by one: a test must notice each change.
	@rm -rf mutants
	@echo "Running; mutants.log tells how far it is."
	@HYPOTHESIS_PROFILE=quick .venv/bin/python -P tests/mutants.py run >mutants.log 2>&1 || { tail -n 50 mutants.log; exit 1; }
	@tr '\r' '\n' <mutants.log | tail -n 2
	@survivors=$$(.venv/bin/mutmut results); test -z "$$survivors" \
	|| { echo "Not noticed (see one by .venv/bin/mutmut show NAME):"; echo "$$survivors"; exit 1; }

EXTRAS := $(addprefix --extra ,attestation boto china ed25519ph iam ml-kem-512 server testing)

.PHONY: lock
lock: .venv/ready ## Write the locks in requirements/ anew, with the newest versions that pyproject.toml allows.
	@for lock in "dev $(EXTRAS) --extra moto --group dev" \
		"test $(EXTRAS) --group build --group test -c requirements/dev.txt" \
		"aioboto --extra aioboto --extra ed25519ph --group build --group test" \
		"demo --group build -c requirements/dev.txt"; do set -- $$lock; name=$$1; shift; \
		.venv/bin/uv pip compile pyproject.toml --extra cli "$$@" --output-file requirements/$$name.txt \
		--universal --python-version 3.11 --generate-hashes --upgrade \
		--no-config --no-annotate --custom-compile-command "make lock" --quiet || exit; done
	@.venv/bin/uv pip compile pyproject.toml --extra cli $(EXTRAS) \
	--group build --group lowest --resolution lowest-direct --output-file requirements/lowest.txt \
	--universal --python-version 3.11 --generate-hashes --upgrade \
	--no-config --no-annotate --custom-compile-command "make lock" --quiet
	@.venv/bin/uv pip compile --group aws --output-file requirements/aws.txt \
	--universal --python-version 3.11 --generate-hashes --upgrade \
	--no-config --no-annotate --custom-compile-command "make lock" --quiet

.PHONY: clean
clean: ## Remove all that was made here.
	rm -rf .venv .venv-aioboto .venv-aws .venv-demo .venv-lowest .venvs tests/walks/node/node_modules .coverage .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	build dist docs/_build mutants mutants.log console/node_modules src/kmsmodel/console/static

.venv/ready: requirements/dev.txt pyproject.toml
	$(call set-up,$(PYTHON),requirements/dev.txt)

.venv-aioboto/ready: requirements/aioboto.txt pyproject.toml
	$(call set-up,$(PYTHON),requirements/aioboto.txt)

.venv-aws/ready: requirements/aws.txt
	@echo "Setting up $(@D)"
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install -qq --require-hashes --no-deps --requirement $<
	@touch $@

.venv-lowest/ready: requirements/lowest.txt pyproject.toml
	$(call set-up,$(PYTHON),requirements/lowest.txt)

.venv-demo/ready: requirements/demo.txt pyproject.toml
	$(call set-up,$(PYTHON),requirements/demo.txt)

.venvs/%/ready: requirements/test.txt pyproject.toml
	$(call set-up,$(INTERPRETER),requirements/test.txt)
