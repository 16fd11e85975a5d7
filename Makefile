# Two commands matter: `make run` shows the diploma, `make test` runs every check.
# Both set up what they need, and only what is missing or older than its source.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PORT ?= 8000
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

PY := .venv/bin/python
UV := .venv/bin/uv
STAMPS := var/stamps
INSTALLED := $(STAMPS)/installed
BUILT := $(STAMPS)/built
# Each database remembers by itself whether it is migrated and filled.
DATABASE := $(shell echo '$(DATABASE_URL) $(SQLITE_PATH)' | cksum | cut -d' ' -f1)
LOADED := $(STAMPS)/loaded-$(DATABASE)

MIGRATIONS := $(shell find lms modules peer_exchange assessments api -path '*/migrations/*.py')
CONTENT := $(shell find lms/diploma -type f -not -name '*.pyc')
FRONTEND := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune \
	-o -type f -print)

COMPILE := $(UV) pip compile --quiet --generate-hashes --universal --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command "make lock" pyproject.toml

.PHONY: help
help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' \
		| column -t -s "$$(printf '\t')"

# --- The two commands -----------------------------------------------------------

.PHONY: run
run: $(STAMPS)/system-run $(BUILT) $(LOADED) ## Set up, fill with the diploma, serve at http://127.0.0.1:8000
	SITE_URL="$${SITE_URL:-http://127.0.0.1:$(PORT)}" $(PY) manage.py runserver 127.0.0.1:$(PORT)

.PHONY: test
test: $(STAMPS)/system-test $(BUILT) ## Everything that CI runs
	scripts/stages.sh test

# --- Parts of them ----------------------------------------------------------------

.PHONY: check
check: $(INSTALLED) $(BUILT) ## The quick subset: lint, import contracts, migrations, tests on SQLite
	scripts/stages.sh check

.PHONY: test-sqlite
test-sqlite: $(INSTALLED) $(BUILT) ## Tests on SQLite
	$(PY) -m pytest -n $(JOBS)

.PHONY: test-postgres
test-postgres: $(INSTALLED) $(BUILT) ## Tests on PostgreSQL and Redis
	$(PY) scripts/with_servers.py $(PY) -m pytest -n $(JOBS)

.PHONY: test-browser
test-browser: $(STAMPS)/system-test $(BUILT) ## The pages in Chromium
	CHROMIUM="$$(scripts/system_packages.sh headless)" $(PY) -m pytest -m browser

.PHONY: bench
bench: $(STAMPS)/system-test $(BUILT) ## Speed of the main pages beside that of a bare view
	CHROMIUM="$$(scripts/system_packages.sh chromium)" \
		$(PY) scripts/with_servers.py $(PY) -m scripts.bench

.PHONY: chaos
chaos: $(STAMPS)/system-run $(BUILT) ## Kill processes while people submit; no work may be lost (CHAOS="--seconds 60 --seed N")
	$(PY) scripts/with_servers.py $(PY) -m scripts.chaos $(CHAOS)

.PHONY: setup
setup: $(STAMPS)/system-test $(BUILT) $(LOADED) ## All of the set-up, without running anything

.PHONY: format
format: $(INSTALLED) ## Put the code in its usual form
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

.PHONY: workflows
workflows: $(INSTALLED) ## Draw docs/workflows.md from the transition tables
	$(PY) manage.py draw_workflows

.PHONY: lock
lock: $(INSTALLED) ## Choose versions anew within pyproject.toml; write requirements/
	$(COMPILE) --upgrade -o requirements/base.txt
	$(COMPILE) --upgrade --group dev -c requirements/base.txt -o requirements/dev.txt
	$(COMPILE:pyproject.toml=) --upgrade --group installer -o requirements/installer.txt
	$(COMPILE:pyproject.toml=) --upgrade --group lrs -o requirements/lrs.txt

.PHONY: clean
clean: ## Forget the environment and everything built; keep var/ (data)
	rm -rf .venv frontend/node_modules frontend/dist static_collected $(STAMPS) var/test-templates

# --- Set-up, step by step -----------------------------------------------------------

$(INSTALLED): requirements/dev.txt requirements/installer.txt
	scripts/install_python.sh
	@mkdir -p $(@D) && touch $@

$(STAMPS)/system-run: $(INSTALLED)
	scripts/system_packages.sh pango
	@mkdir -p $(@D) && touch $@

$(STAMPS)/system-test: $(STAMPS)/system-run
	scripts/system_packages.sh headless >/dev/null
	@mkdir -p $(@D) && touch $@

$(STAMPS)/node: frontend/package-lock.json
	scripts/system_packages.sh node
	cd frontend && npm ci --no-audit --no-fund
	@mkdir -p $(@D) && touch $@

$(BUILT): $(STAMPS)/node $(FRONTEND)
	cd frontend && npm run --silent build
	@mkdir -p $(@D) && touch $@

# A database file that somebody has deleted is made again.
ifeq ($(DATABASE_URL)$(wildcard $(or $(SQLITE_PATH),var/rambla.sqlite3)),)
.PHONY: $(LOADED)
endif
$(LOADED): $(INSTALLED) $(MIGRATIONS) $(CONTENT)
	LOG_LEVEL=WARNING $(PY) manage.py migrate --verbosity=0
	LOG_LEVEL=WARNING $(PY) manage.py load_diploma
	@mkdir -p $(@D) && touch $@
