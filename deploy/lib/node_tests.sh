#!/usr/bin/env bash
# Runs tests/js with node's own runner. Named one by one: node 20 takes a directory, node 22 and later a pattern.
set -euo pipefail

mapfile -t tests < <(find tests/js -name '*.test.js' -o -name '*.test.mjs' | sort)
[ "${#tests[@]}" -gt 0 ] || { echo "vez: no test in tests/js" >&2; exit 1; }
exec node --test "${tests[@]}"
