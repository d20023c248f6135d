#!/usr/bin/env bash
# The feature `mpi` on this machine: two processes train as one does; a killed one ends both, and the run
# goes on. Skips with a message where there is no MPI.
#
#   scripts/test_mpi.sh
set -euo pipefail
cd "$(dirname "$0")/.."
if ! scripts/setup_mpi.sh || ! command -v python3 >/dev/null; then
  echo "skipped: it needs MPI, libclang and Python"
  exit 0
fi
work=$PWD/target/mpi-tests
compare=$PWD/scripts/mpi/compare_weights.py
rm -rf "$work"
mkdir -p "$work"
# The program without the feature stays in its place.
[ ! -f target/release/simgan ] || cp -p target/release/simgan "$work/default"
cargo build --release --locked --workspace --features simgan-cli/mpi --bin simgan --example mpi_messages
cp target/release/simgan "$work/simgan"
[ ! -f "$work/default" ] || mv "$work/default" target/release/simgan

export SIMGAN_CACHE_DIR=$work/cache
# Open MPI's: as root, and with more processes than cores.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe PRTE_MCA_hwloc_default_binding_policy=none
cd "$work"

# Smooth nets, so that gradients do not jump where sums are rounded otherwise; what draws is on.
train=(./simgan -q --threads 1 train --synthetic "sim:eyes?seed=1&count=40" --real "sim:camera?seed=2&count=50"
  --set training.batch_size=8 --set training.refiner_warmup=5 --set training.discriminator_warmup=5
  --set refiner.feature_maps=4 --set refiner.blocks=1 --set history.size=40 --set training.images_every=0
  --set refiner.activation=silu --set discriminator.activation=silu --set training.instance_noise=0.1
  --set training.gradient_penalty=0.1 --set "training.augmentation=['translation']"
  --set training.average_decay=0.9 --set training.optimizer=sgd)

fails_with() { # CODE COMMAND...: the command must exit so; its stderr stays in `stderr`
  local code=$1 found=0
  shift
  "$@" >/dev/null 2>stderr || found=$?
  [ "$found" = "$code" ] || { cat stderr && echo "exit code $found instead of $code: $*" && exit 1; }
}

wait_for() { # FILE: until it is there, a minute at most
  for _ in $(seq 600); do
    [ ! -e "$1" ] || return 0
    sleep 0.1
  done
  echo "$1 does not come" && exit 1
}

workers() { # processes that train in $1, by their ids
  pgrep -f "^./simgan .*--out $1" | sort -n
}

echo "-- two and four processes train as one does"
"${train[@]}" --steps 30 --out one >/dev/null
for n in 2 4; do
  mpirun -n $n "${train[@]}" --steps 30 --out "run$n" >/dev/null
  python3 "$compare" one "run$n"
done

echo "-- what cannot be shared is refused"
fails_with 3 mpirun -n 3 "${train[@]}" --steps 1 --out none
grep -q "which 3 processes cannot share" stderr
[ ! -e none ] || { echo "a folder was made" && exit 1; }

echo "-- a killed process ends all; one process goes on, then two"
# Without noise that fades with the number of steps.
steady=("${train[@]}" --set training.instance_noise=0)
long=("${steady[@]}" --steps 4000 --set training.checkpoint_every=2 --out killed)
mpirun -n 2 "${long[@]}" >killed.log 2>&1 &
launcher=$!
wait_for killed/checkpoints/step_00000004
kill -KILL "$(workers killed | tail -1)"
code=0
wait $launcher || code=$?
[ $code != 0 ] || { echo "the launcher does not tell of the kill" && exit 1; }
[ -z "$(workers killed)" ] || { echo "a process is left" && exit 1; }
./simgan -q verify killed
step=$(ls killed/checkpoints | tail -1 | sed 's/step_0*//')
half=$((step + 2)) end=$((step + 4))
./simgan -q --threads 1 train --resume --out killed --steps $half >/dev/null
mpirun -n 2 ./simgan -q --threads 1 train --resume --out killed --steps $end >/dev/null
"${steady[@]}" --steps $end --out undisturbed >/dev/null
python3 "$compare" undisturbed killed 1e-3 # of more steps

echo "-- a signal to one process stops and saves all"
mpirun -n 2 "${long[@]/killed/stopped}" >stopped.log 2>&1 &
launcher=$!
wait_for stopped/checkpoints/step_00000004
kill -TERM "$(workers stopped | tail -1)"
code=0
wait $launcher || code=$?
[ $code = 143 ] || { cat stopped.log && echo "exit code $code" && exit 1; }
grep -q "is saved" stopped.log
./simgan -q verify stopped
echo "passed"
