#!/usr/bin/env bash
# Fuzzes every parser, two at a time:
#
#     scripts/fuzz.sh [seconds each, 60] [parsers, all]
#
# Needs a nightly toolchain, a C++ compiler and cargo-fuzz (cargo install cargo-fuzz --locked). Findings are kept in
# fuzz/artifacts/, figures in fuzz/logs/. The mutations of `cargo test` are the short form, without any of this.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
seconds=${1:-60}
shift || true
# Every parser has seeds.
targets=${*:-$(ls seeds)}

nice cargo +nightly fuzz build

fuzz() {
    local target=$1 seconds=$2 attacks
    case $target in # the folder of attacks/ that the parser reads
        image) attacks=images ;;
        mat) attacks=mpiigaze ;;
        tar) attacks=tars ;;
        tensors) attacks=models ;;
        config) attacks=configs ;;
        checkpoint) attacks=checkpoints ;;
        *) attacks=$target ;;
    esac
    local inputs=("corpus/$target" "seeds/$target")
    [ -d "../attacks/$attacks" ] && inputs+=("../attacks/$attacks")
    mkdir -p "corpus/$target" "artifacts/$target" logs
    # Memory counts with what the sanitizer adds.
    if SIMGAN_PARSER=$target nice "target/$(rustc -vV | sed -n 's/^host: //p')/release/parser" "${inputs[@]}" \
        -artifact_prefix="artifacts/$target/" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
        -malloc_limit_mb=160 -rss_limit_mb=1024 -print_final_stats=1 >"logs/$target" 2>&1; then
        found="nothing found"
    else
        found="FOUND: see fuzz/logs/$target"
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "logs/$target")
    echo "$target: ${runs:-0} runs, $found"
    [ "$found" = "nothing found" ]
}
export -f fuzz
# shellcheck disable=SC2086 # a list of words
printf '%s\n' $targets | xargs -P 2 -I{} bash -c "fuzz {} $seconds"
