#!/usr/bin/env bash
# Builds the image as cloud_run/Dockerfile says, twice, without Docker, and checks what the Dockerfile promises:
# both builds hold the same files with the same hashes, the size, the user, a read-only file system, a clean stop.
# Needs root, and installs buildah and debootstrap where they are missing (Debian). Ends with 0 when all holds.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly MEGABYTES_MAX=130
# Docker Hub says 77 MB of node:24-trixie-slim; what is built here has another base, so ours are counted by themselves.
readonly OFFICIAL_BASE_MEGABYTES=77
cache=${PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seismo-ci}

fail() {
  echo "check-image: $*" >&2
  exit 1
}

if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || fail "needs root: sudo scripts/check-image.sh"
  exec sudo -n env PATH="$PATH" HOME="$HOME" PEERS_CACHE="$cache" scripts/check-image.sh
fi
missing=()
for tool in buildah debootstrap; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || fail "install ${missing[*]} first"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

work=$(mktemp -d)
# Storage of its own, so that nothing of the machine's images is touched and all of it can go at once.
cat >"$work/storage.conf" <<CONF
[storage]
driver = "vfs"
graphroot = "$work/images"
runroot = "$work/run"
CONF
export CONTAINERS_STORAGE_CONF=$work/storage.conf BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
tidy() {
  buildah umount --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap tidy EXIT
step() { echo "check-image: $* ($((SECONDS)) s)"; }

base=localhost/seismo-base
scripts/image/make-base.sh "$base" "$cache"
step "base made"

# Two folders with other times and rights, as two clones have them.
copy_sources() { # folder
  mkdir "$1"
  git ls-files -z -c -o --exclude-standard | xargs -0 tar --ignore-failed-read -cf - 2>/dev/null | tar -C "$1" -xf - --touch
}
build() { # name, folder
  buildah bud --isolation chroot --storage-driver vfs --format docker --no-cache --quiet \
    --build-arg "NODE_IMAGE=$base" -f "$2/cloud_run/Dockerfile" -t "$1" "$2" >"$work/build.log" 2>&1 || {
    tail -n 40 "$work/build.log" >&2
    fail "the build failed"
  }
}
copy_sources "$work/one"
copy_sources "$work/two"
chmod -R go-rwx "$work/two"
build localhost/seismo:one "$work/one"
step "built once"
build localhost/seismo:two "$work/two"
step "built twice"

mounted() { # image
  buildah mount "$(buildah from --pull-never "$1")"
}
list_files() { # folder: kind, rights, owner, size and target of everything in it, then the hash of every file
  (cd "$1" && find . \( -type d -printf 'd %m %u %p\n' -o -printf '%y %m %u %s %p %l\n' \) | LC_ALL=C sort &&
    find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}
one=$(mounted localhost/seismo:one)
two=$(mounted localhost/seismo:two)
list_files "$one/app" >"$work/one.list"
list_files "$two/app" >"$work/two.list"
files=$(grep -c '^f' "$work/one.list")
[ "$files" -gt 500 ] || fail "only $files files in /app"
diff "$work/one.list" "$work/two.list" >"$work/difference" || {
  head -n 40 "$work/difference" >&2
  fail "two builds of the same sources differ"
}
step "two builds agree in $files files, $(sha256sum <"$work/one.list" | cut -c1-16)"
grep -q '@duckdb/node-bindings-linux-x64' "$work/one.list" || fail "DuckDB is not in the image"
for unwanted in typescript vitest @biomejs/biome @sparticuz/chromium; do
  [ ! -e "$one/app/node_modules/$unwanted" ] || fail "$unwanted is only for development and is in the image"
done

buildah push --quiet localhost/seismo:one "oci:$work/oci"
manifest=$(node -p "JSON.parse(require('fs').readFileSync('$work/oci/index.json')).manifests[0].digest.slice(7)")
buildah inspect --type image localhost/seismo:one >"$work/inspect.json"
node scripts/image/check-config.js "$work/oci/blobs/sha256/$manifest" "$work/inspect.json" \
  "$OFFICIAL_BASE_MEGABYTES" "$MEGABYTES_MAX"

scripts/image/run-read-only.sh "$one" "$work"
step "done"
