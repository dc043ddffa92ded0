#!/usr/bin/env bash
# Names what this machine lacks to run Vez, one line each; with the argument "python", prints the Python to use.
set -euo pipefail

oldest_python="3, 11"
oldest_node=20

# A name on the PATH may be a shim that runs nothing: a Python counts when it answers.
find_python() {
    local name
    for name in "${VEZ_PYTHON:-}" python3.13 python3.12 python3.11 python3.14 python3; do
        if [ -n "$name" ] && "$name" -c "import sys; sys.exit(sys.version_info < ($oldest_python))" 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

complain() {
    echo "vez: $1" >&2
    missing=1
}

check() {
    local python node_version
    missing=0
    python=$(find_python)
    if [ -z "$python" ]; then
        complain "Python 3.11 or newer is needed (Debian, Ubuntu: apt-get install python3 python3-venv)"
    elif ! "$python" -c "import venv, ensurepip" 2>/dev/null; then
        complain "Python's venv module is missing (Debian, Ubuntu: apt-get install python3-venv)"
    fi
    node_version=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
    if [ "$node_version" -lt "$oldest_node" ]; then
        complain "Node.js $oldest_node or newer is needed, found $([ "$node_version" = 0 ] && echo none || echo "$node_version")"
    fi
    command -v npm >/dev/null || complain "npm is missing (it comes with Node.js; Debian, Ubuntu: apt-get install npm)"
    return "$missing"
}

case "${1:-check}" in
    python) find_python ;;
    check) check ;;
    *) echo "usage: prerequisites.sh [check|python]" >&2; exit 2 ;;
esac
