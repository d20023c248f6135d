#!/usr/bin/env bash
# Sees to what the feature `mpi` needs besides cargo: an MPI with compiler wrapper and launcher, and
# libclang, which reads its headers. Installs them where it may, else says what to install.
set -euo pipefail

missing=()
command -v mpicc >/dev/null || missing+=(libopenmpi-dev)
command -v mpirun >/dev/null || missing+=(openmpi-bin)
libclang=$(compgen -G "${LIBCLANG_PATH:-/nowhere}/libclang*.so*" || compgen -G "/usr/lib/llvm-*/lib/libclang*.so*" ||
  compgen -G "/usr/lib*/libclang.so*" || true)
[ -n "$libclang" ] || missing+=(libclang-dev)

if [ ${#missing[@]} = 0 ]; then
  echo "MPI: $(mpirun --version | head -1)"
  exit 0
fi
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo -n)
if command -v apt-get >/dev/null && "${sudo[@]}" true 2>/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null ||
    { "${sudo[@]}" apt-get update -q >/dev/null && "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null; } ||
    { echo "not to be had here: ${missing[*]}" >&2 && exit 1; }
  echo "installed: ${missing[*]}"
  exit 0
fi
cat >&2 <<END
missing: ${missing[*]} (Debian's and Ubuntu's names)
  Debian, Ubuntu  apt-get install ${missing[*]}
  Fedora          dnf install openmpi-devel clang-devel, then: module load mpi
  a cluster       module load openmpi (or mpich) and llvm; LIBCLANG_PATH names the folder of libclang
END
exit 1
