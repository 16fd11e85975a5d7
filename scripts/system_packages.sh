#!/usr/bin/env bash
# What Python and npm cannot bring: looks for it, installs it where it may
# (Debian, as root), otherwise says what to install.
#   system_packages.sh pango      the text layout that WeasyPrint needs for PDF files
#   system_packages.sh chromium   the browser of the bench; prints its path
#   system_packages.sh headless   the browser of the tests, without a window to draw where
#                                 Debian has it (a third of the work); prints its path
#   system_packages.sh node       Node 20 or newer (never installed by us)
set -euo pipefail
cd "$(dirname "$0")/.."

install_or_explain() {
    local what="$1"
    shift
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $what: $*" >&2
        {
            apt-get -o Acquire::Retries=3 update -q &&
                DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -q \
                    --no-install-recommends "$@"
        } >&2
    else
        echo "Rambla needs $what. On Debian or Ubuntu: sudo apt-get install $*" >&2
        exit 1
    fi
}

find_chromium() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name"; then
            return 0
        fi
    done
    return 1
}

# Nothing is removed or exchanged for it: where it does not fit, Chromium itself does.
install_headless_shell() {
    local refused=var/stamps/no-headless-shell
    [ ! -e "$refused" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    echo "Installing Chromium without a window (for the tests of pages): chromium-headless-shell" >&2
    {
        apt-get -o Acquire::Retries=3 update -q &&
            DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -q \
                --no-install-recommends --no-remove chromium-headless-shell
    } >&2 || {
        mkdir -p "${refused%/*}" && touch "$refused"
        return 1
    }
}

case "${1:-}" in
pango)
    if ! .venv/bin/python -c 'import weasyprint' 2>/dev/null; then
        install_or_explain "Pango (for PDF files)" \
            libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
        .venv/bin/python -c 'import weasyprint'
    fi
    ;;
chromium)
    if ! find_chromium; then
        install_or_explain "Chromium (for the tests of pages; or set CHROMIUM)" chromium
        find_chromium
    fi
    ;;
headless)
    # What `CHROMIUM` names goes before.
    if [ -z "${CHROMIUM:-}" ]; then
        command -v chromium-headless-shell && exit
        install_headless_shell && command -v chromium-headless-shell && exit
    fi
    exec scripts/system_packages.sh chromium
    ;;
node)
    if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'; then
        echo "Rambla needs Node 20 or newer, with npm." >&2
        exit 1
    fi
    ;;
*)
    sed -n '2,9p' "$0" >&2
    exit 2
    ;;
esac
