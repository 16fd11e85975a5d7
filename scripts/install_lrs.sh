#!/usr/bin/env bash
# Puts Ralph, a learning record store for the tests, into var/lrs with the versions of
# requirements/lrs.txt, and prints where its program is. It wants older packages than ours:
# it shares nothing with .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! cmp -s requirements/lrs.txt var/lrs/installed.txt; then
    rm -rf var/lrs
    .venv/bin/uv venv --quiet --python .venv/bin/python var/lrs >&2
    .venv/bin/uv pip install --quiet --python var/lrs/bin/python --require-hashes --no-deps \
        -r requirements/lrs.txt >&2
    cp requirements/lrs.txt var/lrs/installed.txt
fi
echo "$PWD/var/lrs/bin/ralph"
