#!/usr/bin/env bash
# All Python tests. In CI a handful that failed is asked once more, by itself, and named: its machine is shared, and a
# screen that took 31 s beside a noisy neighbour is no defect. Whoever fails twice has failed; many at once are not asked.
set -uo pipefail
readonly MOST_AGAIN=8

# The whole is run by as many processes as there are cores, a file each: most tests wait for a browser, a printer or a
# database. A part that somebody names is run plainly, so that its output comes as it happens.
[ "$#" -gt 0 ] || set -- --numprocesses auto --maxprocesses 4 --dist loadfile
.venv/bin/pytest "$@"
outcome=$?
# 1: every test was run and some failed. Anything else (interrupted, broken, nothing found) is final.
if [ "$outcome" -ne 1 ] || [ "${CI:-}" != true ]; then
    exit "$outcome"
fi
failed=$(.venv/bin/python -c 'import json; print(len(json.load(open(".pytest_cache/v/cache/lastfailed"))))') || exit 1
if [ "$failed" -eq 0 ] || [ "$failed" -gt "$MOST_AGAIN" ]; then
    exit "$outcome"
fi
echo "vez: once more, alone, the $failed that failed:"
.venv/bin/python -c 'import json; print(*json.load(open(".pytest_cache/v/cache/lastfailed")), sep="\n")'
exec .venv/bin/pytest --last-failed --last-failed-no-failures none
