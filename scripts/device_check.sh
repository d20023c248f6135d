#!/usr/bin/env bash
# Everything that is to be known of a GPU, in one go and under eight minutes: golden tests, speed beside PyTorch, a short
# training beside the CPU's, memory. What it measures goes into BENCHMARKS.md.
#
#   scripts/device_check.sh prepare DIR [KIND]     where crates can be had: builds and packs into DIR (default kind: vulkan)
#   scripts/device_check.sh run DIR [--small]      where the GPU is: nothing is downloaded or compiled
#
# DIR is small enough to be carried along (programs are stripped and compressed; the Vulkan loader comes with them). The
# tree of this repository has to be there, too. Results lie in DIR/results; table.md is for BENCHMARKS.md.
# PyTorch is measured if $SIMGAN_PYTHON (or python3) has it. --small rehearses it all, on a software adapter as well.
# SIMGAN_CHECK_PROFILE=devices builds another profile, which compiles faster: for rehearsals alone.
# SIMGAN_CHECK_SECONDS (420) is when no new measurement is begun; what was left out is said.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n '2,15s/^# \{0,1\}//p' scripts/device_check.sh
  exit 2
}

prepare() {
  local dir=$1 kind=${2:-vulkan}
  mkdir -p "$dir/lib"
  # One form of the command for all: dependencies are compiled once.
  local build=(--profile "${SIMGAN_CHECK_PROFILE:-release}" --locked -p simgan -p simgan-lab -p simgan-cli --features "simgan-lab/$kind")
  cargo build "${build[@]}" --bins --test devices --test golden --message-format json |
    python3 -c '
import json, sys
for line in sys.stdin:
    found = json.loads(line)
    name = found.get("target", {}).get("name")
    if found.get("executable") and name in ("simgan", "simgan-lab", "devices", "golden"):
        print(name, found["executable"])
' >"$dir/programs"
  while read -r name program; do
    strip -o "$dir/$name" "$program"
    gzip -9 -f "$dir/$name"
  done <"$dir/programs"
  rm "$dir/programs"
  echo "$kind" >"$dir/kind"
  local loader
  # To the end: a pipe that is closed early would fail the script.
  loader=$(ldconfig -p | awk '/libvulkan\.so\.1/ { found = $NF } END { print found }')
  if [ -n "$loader" ]; then
    cp -L "$loader" "$dir/lib/"
  fi
  du -sh "$dir"
}

# What the run needs that the machine may lack: unpacked programs, a Vulkan loader, NVIDIA's driver file.
set_up() {
  dir=$(realpath "$1")
  kind=$(cat "$dir/kind")
  bin=$(mktemp -d)
  trap 'rm -rf "$bin"' EXIT
  for packed in "$dir"/*.gz; do
    gunzip -c "$packed" >"$bin/$(basename "$packed" .gz)"
  done
  chmod +x "$bin"/*
  if ! ldconfig -p | grep libvulkan.so.1 >/dev/null; then
    export LD_LIBRARY_PATH=$dir/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  fi
  local driver
  driver=$(find /etc/vulkan /usr/share/vulkan /usr/local -name 'nvidia_icd*.json' 2>/dev/null | head -n 1 || true)
  if [ -n "$driver" ] && [ -z "${VK_DRIVER_FILES:-}" ]; then
    export VK_DRIVER_FILES=$driver
  fi
  export SIMGAN_CACHE_DIR=$bin/cache CARGO_MANIFEST_DIR=$PWD/crates/simgan BURN_DEVICE=${kind/webgpu/wgpu}
  results=$dir/results
  rm -rf "$results"
  mkdir -p "$results"
}

left_out=()

# limited SECONDS NAME COMMAND...: its output goes to results/NAME.log; a failure is told, and the rest goes on.
limited() {
  local seconds=$1 name=$2
  shift 2
  if [ "$SECONDS" -gt "${SIMGAN_CHECK_SECONDS:-420}" ]; then
    left_out+=("$name (no time left)")
    return
  fi
  echo "== $name ($SECONDS s)"
  # A training saves first when it is told to end: one that cannot is killed.
  if ! timeout --kill-after=10 "$seconds" "$@" >"$results/$name.log" 2>&1; then
    left_out+=("$name (failed, see $name.log)")
    tail -n 3 "$results/$name.log"
  fi
}

# bench NAME SECONDS ARGUMENT...: as JSON.
bench() {
  local name=$1 seconds=$2
  shift 2
  limited "$seconds" "$name" sh -c 'out=$1; shift; "$@" >"$out"' sh "$results/$name.json" \
    "$bin/simgan-lab" bench --json --device "$kind" "${rounds[@]}" "${peer[@]}" "$@"
}

train() {
  local device=$1
  limited 90 "train-$device" "$bin/simgan" train --device "$device" --out "$results/run-$device" \
    --synthetic 'sim:eyes?seed=1&count=256' --real 'sim:camera?seed=2&count=256' --seed 0 "${short[@]}"
}

run() {
  set_up "$1"
  rounds=(--rounds 3)
  short=(--steps 60 --set training.refiner_warmup=40 --set training.discriminator_warmup=20 --set training.log_every=5)
  peer=()
  python=${SIMGAN_PYTHON:-python3}
  if "$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
    peer=(--peer pytorch --python "$python" --peer-gpu cuda)
  else
    echo "PyTorch is not measured: $python has none that sees a GPU"
  fi
  (nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || true) | tee "$results/card.txt"

  limited 90 golden "$bin/golden"
  limited 90 devices "$bin/devices" --nocapture
  train "$kind"
  train cpu
  if [ "${2:-}" = --small ]; then
    rounds=(--rounds 1)
    bench eyes-2 300 --batch 2 --stage refine,discriminator_step
    bench eyes-2-f16 300 --batch 2 --stage discriminator_step --precision f16
  else
    bench eyes-32 150 --batch 32 --stage refiner_step,iteration
    bench eyes-512 150 --batch 512 --stage refiner_step
    bench eyes-512-f16 120 --batch 512 --stage refiner_step --precision f16
    bench hands-16 120 --batch 16 --stage hands
    bench hands-16-f16 120 --batch 16 --stage hands --precision f16
    bench eyes-512-refine 120 --batch 512 --stage refine
    if [ ${#peer[@]} -gt 0 ]; then
      peer+=(--peer-tf32)
      bench eyes-512-tf32 120 --batch 512 --stage refiner_step
    fi
  fi
  python3 scripts/device_table.py "$results" | tee "$results/table.md"
  echo "took $SECONDS s"
  if [ ${#left_out[@]} -gt 0 ]; then
    printf 'left out: %s\n' "${left_out[@]}"
    exit 1
  fi
}

case ${1:-} in
prepare | run) [ $# -ge 2 ] || usage && "$@" ;;
*) usage ;;
esac
