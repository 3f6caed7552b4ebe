#!/usr/bin/env bash
# Every test, in two halves at once: those that start servers of their own mostly wait, the others mostly compute.
set -uo pipefail
SERVERS="prefect or argilla or browser"
log=$(mktemp)
.venv/bin/python -m coverage run -m pytest -m "$SERVERS" >"$log" 2>&1 &
servers=$!
trap 'kill $servers 2>/dev/null; rm -f "$log"' EXIT
.venv/bin/python -m coverage run -m pytest -m "not ($SERVERS)"
others=$?
wait $servers
code=$?
echo "tests that start Prefect, Argilla or a browser:"
cat "$log"
exit $((others || code))
