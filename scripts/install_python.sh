#!/usr/bin/env bash
# Makes .venv with the locked packages. uv installs in seconds what takes pip a
# minute; where uv cannot reach the index (it does not read pip's settings), pip does it.
set -euo pipefail
cd "$(dirname "$0")/.."

python=""
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        python="$candidate"
        break
    fi
done
if [ -z "$python" ]; then
    echo "Rambla needs Python 3.11 or newer (set PYTHON=/path/to/python)." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    # Debian's python3 comes without it.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -q && apt-get install -y -q --no-install-recommends python3-venv
    else
        echo "Python cannot make environments: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi

if ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    "$python" -m venv .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
    -r requirements/installer.txt
# Compiled once: where PYTHONDONTWRITEBYTECODE is set, each process would do it anew.
if ! .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python \
    --require-hashes --no-deps \
    -r requirements/dev.txt; then
    echo "uv could not install the packages; pip takes over (about a minute)." >&2
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes --no-deps \
        -r requirements/dev.txt
fi
