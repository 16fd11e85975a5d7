#!/usr/bin/env bash
# The stages of `make check` and `make test`, with the seconds each took. Stops at
# the first that fails. Ends with pytest's own closing line.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" PYTHONUNBUFFERED=1
# Where it is set, each of some thirty processes would compile all of ours anew.
unset PYTHONDONTWRITEBYTECODE
# Databases are copied for every test that commits: in memory that takes a tenth of the time.
in_memory="$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)"
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "${in_memory:-0}" -gt 6000000 ]; then
    export TMPDIR=/dev/shm
fi
jobs="${JOBS:-$(nproc 2>/dev/null || echo 2)}"

stage() {
    local name="$1" started="$SECONDS"
    shift
    echo "── $name"
    "$@" || {
        echo "── $name FAILED after $((SECONDS - started)) s" >&2
        exit 1
    }
    echo "── $name: $((SECONDS - started)) s"
}

static_checks() {
    stage "ruff: lint" ruff check .
    stage "ruff: format" ruff format --check .
    stage "import contracts" lint-imports
    stage "migrations up to date" python manage.py makemigrations --check --dry-run
}

case "${1:-}" in
check)
    static_checks
    stage "tests on SQLite" pytest -n "$jobs"
    ;;
test)
    # Meanwhile: what both runs of the tests copy their databases from.
    python -m tests.template_database &
    sqlite=$!
    python scripts/with_servers.py python -m tests.template_database &
    postgres=$!
    scripts/install_lrs.sh >/dev/null &
    lrs=$!
    static_checks
    stage "django checks" python manage.py check --database default --fail-level WARNING
    stage "workflows drawn" python manage.py draw_workflows --check
    stage "types (mypy)" mypy
    stage "types (TypeScript)" npm --prefix frontend run --silent check
    stage "frontend tests" npm --prefix frontend test --silent
    stage "test database migrated" wait "$sqlite"
    stage "tests on SQLite" pytest -n "$jobs" --each-once
    wait "$postgres"
    wait "$lrs"
    echo "── tests on PostgreSQL and Redis, pages in Chromium ($SECONDS s so far)"
    # Last, and nothing skipped. One process more than there are cores: they wait for the
    # browser, for servers and for each other, as the tests on SQLite never do.
    CHROMIUM="$(scripts/system_packages.sh headless)"
    RALPH="$(scripts/install_lrs.sh)"
    export CHROMIUM RALPH
    exec python scripts/with_servers.py python -m pytest -n "$((jobs + 1))" --dist loadgroup --each-once
    ;;
*)
    echo "stages.sh check|test" >&2
    exit 2
    ;;
esac
