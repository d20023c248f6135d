#!/usr/bin/env bash
# Builds `simgan` as one file that needs no library of the system, and tries it: scripts/static_binary.sh FOLDER
set -euo pipefail
out=${1:?usage: scripts/static_binary.sh FOLDER}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."

target=$(rustc -vV | sed -n 's/^host: //p')
# Named by --target, so that the flags do not reach what runs while it is built.
RUSTFLAGS="-C target-feature=+crt-static" \
  cargo build --release --locked --package simgan-cli --bin simgan --target "$target"
binary=${CARGO_TARGET_DIR:-target}/$target/release/simgan
if ldd "$binary" 2>/dev/null | grep -q '=>'; then
  echo "error: $binary still asks for libraries of the system" >&2
  exit 1
fi
"$binary" --version
install -m 755 "$binary" "$out/simgan"
