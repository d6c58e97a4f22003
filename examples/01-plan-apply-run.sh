#!/usr/bin/env bash
# One idea: look at the plan, write exactly that plan, and see that a run after it has nothing left to do.
# Needs nothing but a checkout; the two systems are a sandbox on this computer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/.venv/bin:$PATH"
work=$(mktemp -d)

okoshi sandbox --scale 0.02 --ready-file "$work/ready.json" --env-file "$work/sandbox.env" &
trap 'kill %1; wait; rm -rf "$work"' EXIT
until [ -e "$work/ready.json" ]; do sleep 0.1; done

okoshi="okoshi --quiet --project-dir $work --env-file $work/sandbox.env"
$okoshi plan --out "$work/plan.json"
$okoshi apply "$work/plan.json"
$okoshi run
