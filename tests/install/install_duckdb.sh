#!/usr/bin/env bash
# Puts DuckDB's shared library at DEST/libduckdb.so, checked against its SHA-256:
#   install_duckdb.sh DEST
# Does nothing if the right file is there. A package registry's client downloads it; Debian's npm is installed for that
# when npm is missing.
set -euo pipefail

package='@duckdb/node-bindings-linux-x64@1.5.6-r.1'
digest=3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633

fail() { echo "install_duckdb: $*" >&2; exit 1; }
matches() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$digest" ]; }

[ $# -eq 1 ] || fail "usage: install_duckdb.sh DEST"
dest=$1
if matches "$dest/libduckdb.so"; then
  echo "install_duckdb: $dest/libduckdb.so is there"
  exit 0
fi
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] \
  || fail "the pinned library is for Linux on x86_64; put DuckDB's own libduckdb.so of 1.5 or later at $dest/libduckdb.so"

if ! command -v npm >/dev/null; then
  command -v apt-get >/dev/null || fail "npm is missing; install it"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "npm is missing; become root, or install npm"
    as_root=(sudo)
  fi
  echo "install_duckdb: installing npm"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q || fail "apt-get update failed"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends npm ca-certificates \
    || fail "apt-get could not install npm"
fi

mkdir -p "$dest"
work=$(mktemp -d "$dest/.download.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "install_duckdb: downloading $package"
# `npm pack` fetches the archive and runs no script of the package.
(cd "$work" && npm pack --silent --cache "$work/cache" "$package" >/dev/null) || fail "npm could not download $package"
tar -xzf "$work"/*.tgz -C "$work" package/libduckdb.so || fail "$package holds no libduckdb.so"
matches "$work/package/libduckdb.so" || fail "the library in $package is not the pinned one; nothing was installed"
chmod 0755 "$work/package/libduckdb.so"
# In one step: a run that is interrupted never leaves half a library.
mv -f "$work/package/libduckdb.so" "$dest/libduckdb.so"
echo "install_duckdb: $dest/libduckdb.so is ready"
