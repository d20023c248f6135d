#!/usr/bin/env bash
# The long form of what RELIABILITY.md states; `cargo test` has the short ones. About 20 minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

long() { # VARIABLE=VALUE... -- arguments of `cargo test`
    local settings=()
    while [ "$1" != -- ]; do settings+=("$1") && shift; done
    shift
    echo "== ${settings[*]} cargo test --release $*"
    env "${settings[@]}" cargo test --release --quiet "$@" -- --nocapture
}

long SIMGAN_CRASHES=1 -- -p simgan --lib crash_tests
long SIMGAN_MUTATIONS=10000 -- -p simgan --lib hostile
long SIMGAN_DAMAGES=1000 -- -p simgan --test damage
long SIMGAN_SOAK_STEPS=20000 -- -p simgan --test soak
long SIMGAN_KILLS=200 -- -p simgan-cli --test cli kills_at_random
long SIMGAN_KILLS=20 SIMGAN_IMAGES=100000 -- -p simgan-cli --test cli killed_shards
echo "All of them hold. Fuzzing, which needs a nightly toolchain: scripts/fuzz.sh"
