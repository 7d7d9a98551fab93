#!/usr/bin/env bash
# Installs the Debian packages that are missing, and nothing when all are there:
#   install_packages.sh build     to compile and run Weir
#   install_packages.sh test      these, and what the tests need
set -euo pipefail

build=(cmake ninja-build g++ ccache pkg-config libyaml-cpp-dev libpqxx-dev libcpp-httplib-dev libssl-dev libre2-dev
       libspdlog-dev libsimdjson-dev nlohmann-json3-dev libcli11-dev libgtest-dev libgmock-dev libutf8proc-dev python3)
tests=(postgresql python3-venv clang libclang-rt-14-dev strace git openssh-client)

# Node.js' own packages bring npm with them; Debian's does not.
command -v npm >/dev/null || tests+=(npm)

fail() { echo "install_packages: $*" >&2; exit 1; }

case ${1-} in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${build[@]}" "${tests[@]}") ;;
  *) fail "usage: install_packages.sh build|test" ;;
esac
command -v dpkg-query >/dev/null || fail "this is not Debian; install by hand: ${wanted[*]}"

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=absent
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "install_packages: all ${#wanted[@]} packages for $1 are there"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "missing: ${missing[*]}; become root, or install sudo"
  as_root=(sudo)
fi
echo "install_packages: installing ${missing[*]}"
# DEBIAN_FRONTEND passes through env: sudo drops variables of the caller.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q || fail "apt-get update failed"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" \
  || fail "apt-get could not install ${missing[*]}"
