#!/usr/bin/env bash
# The visual Turing test and the report in a headless browser. What cannot be had here is skipped
# with a message.
#
#   scripts/test_pages.sh [SIMGAN [PICTURES]]   a built program [default: target/release/simgan];
#                                                a folder for pictures of the pages
set -euo pipefail
cd "$(dirname "$0")/.."
simgan=$(realpath "${1:-target/release/simgan}")
pictures=${2:+$(realpath "$2")}
here=$PWD/scripts/pages
work=$PWD/target/page-tests
npm=$PWD/target/export-tools/npm
rm -rf "$work"
mkdir -p "$work" "$npm"
export SIMGAN_CACHE_DIR=$work/cache

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ] || ! command -v npm >/dev/null || ! command -v python3 >/dev/null || ! npm install --silent --no-audit --no-fund \
  --prefix "$npm" playwright-core@1.65.1 axe-core@4.11.0 >/dev/null; then
  echo "skipped: it needs npm, Python and chromium"
  exit 0
fi

export NODE_PATH=$npm/node_modules
cd "$work"
tiny=(--set training.steps=1 --set training.batch_size=4 --set training.discriminator_warmup=1
  --set history.size=8 --set refiner.feature_maps=4 --set refiner.blocks=1)

# Real images are light and synthetic ones dark, so that the browser can see the truth.
python3 "$here/levels.py" dark 0 100
python3 "$here/levels.py" real 150 250
"$simgan" -q train --synthetic dark --real real --out run "${tiny[@]}" \
  --set training.refiner_warmup=100 --set training.images_every=0 --set preprocessing.equalize=false \
  >/dev/null
"$simgan" -q turing --run run --real real --out page --forms 2 --name folder \
  --trials 12 --examples 20 --control 8 >/dev/null
node "$here/turing_check.js" \
  "$chromium" "$simgan" "$work" ${pictures:+"$pictures"}
"$simgan" -q turing --run run --name folder --add answers.json | head -1

# A report with all that it can show.
"$simgan" -q simulate eyes --count 24 --out eyes >/dev/null
"$simgan" -q simulate camera --count 24 --out photographs >/dev/null
fit=(--set estimator.steps=2 --set estimator.batch_size=4 --set estimator.hidden=8
  --set "estimator.feature_maps=[2,2,2,2,4]")
"$simgan" -q train --config gaze --synthetic eyes --real 'photographs[:12]' --out shown "${tiny[@]}" \
  "${fit[@]}" --set training.refiner_warmup=20 --set keypoints.steps=2 >/dev/null
"$simgan" -q compare gaze --run shown --synthetic eyes --real-test 'photographs[12:]' --both --seeds 2 \
  --out compared "${fit[@]}" >/dev/null
"$simgan" -q judge --run shown --synthetic eyes --real 'photographs[12:]' --seeds 1 >/dev/null
"$simgan" -q report shown >/dev/null
node "$here/report_check.js" "$chromium" "$work/shown/report.html" ${pictures:+"$pictures"}
