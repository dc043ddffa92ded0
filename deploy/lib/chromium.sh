#!/usr/bin/env bash
# Prints the path of a Chromium for the browser tests; installs Debian's when it may and none is there.
set -euo pipefail

find_chromium() {
    local name
    for name in "${VEZ_CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
        # Ubuntu's chromium-browser may be a mere pointer to a snap: a browser counts when it says its version.
        if [ -n "$name" ] && "$name" --version >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_chromium() {
    command -v apt-get >/dev/null || return 1
    as_root true 2>/dev/null || return 1
    echo "vez: installing Chromium for the browser tests" >&2
    as_root apt-get update -qq >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >&2
}

find_chromium && exit
install_chromium && find_chromium && exit
echo "vez: the browser tests need Chromium (apt-get install chromium, or VEZ_CHROMIUM=/path/to/chromium)" >&2
exit 1
