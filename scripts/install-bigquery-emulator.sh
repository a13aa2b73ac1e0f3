#!/usr/bin/env bash
# Installs bqemulator, an independent emulator of BigQuery (REST, SQL, Storage Write), for tests/cloud: Python 3.11
# or newer, about 580 MB, a minute or two. Does nothing when this version is there already; prints the folder.
set -euo pipefail

folder="${BQEMULATOR:-${PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seismo-ci}/bqemulator}"
duckdb=1.5.5
packages=(bqemulator==1.4.0 numpy==2.4.6 "duckdb==$duckdb" "duckdb-extension-spatial==$duckdb")
stamp="$folder/.installed"

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "${packages[*]}" ] && "$folder/bin/python" -c '' 2>/dev/null; then
  echo "$folder"
  exit 0
fi

python=""
for one in python3.11 python3.12 python3.13 python3; do
  if "$one" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$one"
    break
  fi
done
if [ -z "$python" ]; then
  echo "No Python 3.11 or newer with its module venv was found (Debian: apt install python3-venv)." >&2
  exit 1
fi

# An interrupted installation must not look like a finished one, nor be in the way of the next.
rm -rf "$folder"
mkdir -p "$folder"
"$python" -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"

# DuckDB looks for its extensions below HOME; the emulator is started with a home of its own and so stays offline.
extension=$("$folder/bin/python" - <<'PYTHON'
import importlib.util, pathlib
spec = importlib.util.find_spec("duckdb_extension_spatial")
root = pathlib.Path(spec.submodule_search_locations[0])
print(next(root.glob("extensions/*/spatial.duckdb_extension")))
PYTHON
)
platform=$("$folder/bin/python" -c 'import duckdb; print(duckdb.sql("PRAGMA platform").fetchone()[0])')
home="$folder/home/.duckdb/extensions/v$duckdb/$platform"
mkdir -p "$home"
cp "$extension" "$home/"

echo "${packages[*]}" >"$stamp"
echo "$folder"
