#!/usr/bin/env bash
# Finds a Python and hands over to start.py: isolated, and in a folder that no change can write to.
set -euo pipefail

home=$GITHUB_ACTION_PATH
cd "$RUNNER_TEMP"
if ! command -v git >/dev/null; then
  echo "::error title=fimci::git is not on this runner's path; fimci needs git and Python 3.10 or later"
  exit 3
fi
for python in ${FIMCI_PYTHON:+"$FIMCI_PYTHON"} python3 python; do
  # The launcher of the Windows store is found as python3 and starts nothing: whoever cannot run this is none.
  if command -v "$python" >/dev/null && "$python" -I -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    exec "$python" -I "$home/action/start.py"
  fi
done
echo "::error title=fimci::no Python 3.10 or later with venv and ensurepip on this runner's path: use actions/setup-python before, or the input python"
exit 3
