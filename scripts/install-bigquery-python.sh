#!/usr/bin/env bash
# Installs Google's Python client of BigQuery for tests/bigquery, in a folder of its own: Python 3.9 or newer, about
# 60 MB. Does nothing when this version is there already; prints the folder.
set -euo pipefail

folder="${BIGQUERY_PYTHON:-${PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seismo-ci}/bigquery-python}"
package=google-cloud-bigquery==3.47.0
stamp="$folder/.installed"

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$package" ] && "$folder/bin/python" -c '' 2>/dev/null; then
  echo "$folder"
  exit 0
fi

python=""
for one in python3 python3.13 python3.12 python3.11; do
  if "$one" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
    python="$one"
    break
  fi
done
if [ -z "$python" ]; then
  echo "No Python 3.9 or newer with its module venv was found (Debian: apt install python3-venv)." >&2
  exit 1
fi

# An interrupted installation must not look like a finished one, nor be in the way of the next.
rm -rf "$folder"
mkdir -p "$folder"
"$python" -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "$package"
echo "$package" >"$stamp"
echo "$folder"
