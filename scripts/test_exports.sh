#!/usr/bin/env bash
# Exports in the programs that they are for: onnx.checker, onnxruntime, PyTorch, tract, a browser.
# All have to give what simgan gives, to 1e-5. What cannot be had here is skipped with a message.
#
#   scripts/test_exports.sh [SIMGAN]      a built program [default: target/release/simgan]
#
# SIMGAN_PYTHON is the Python to begin with [default: python3]. PyTorch is used where that has it and
# never installed: its wheel takes six gigabytes. SIMGAN_TRACT=1 also compiles and runs tract.
set -euo pipefail
cd "$(dirname "$0")/.."
simgan=$(realpath "${1:-target/release/simgan}")
here=$PWD/scripts/exports
base_python=${SIMGAN_PYTHON:-python3}
work=$PWD/target/export-tests
tools=$PWD/target/export-tools
rm -rf "$work"
mkdir -p "$work" "$tools"
export SIMGAN_CACHE_DIR=$work/cache
skipped() { echo "skipped: $1"; }

echo "-- networks of every kind, of few maps and steps"
quick=(training.steps=4 training.batch_size=4 training.refiner_warmup=8
  training.discriminator_warmup=2 training.images_every=0 training.checkpoint_every=0 history.size=8)
train() { # NAME SYNTHETIC REAL SETTING...
  local name=$1 synthetic=$2 real=$3 settings=()
  shift 3
  for setting in "${quick[@]}" "$@"; do settings+=(--set "$setting"); done
  "$simgan" -q train --synthetic "$synthetic" --real "$real" --out "$work/runs/$name" \
    "${settings[@]}" >/dev/null
}
fit() { # NAME DATA TASK
  "$simgan" -q fit --data "$2" --task "$3" --out "$work/models/$1" --set estimator.steps=4 \
    --set estimator.batch_size=8 --set 'estimator.feature_maps=[4,4,6,6,8]' \
    --set estimator.hidden=16 >/dev/null
}
mkdir -p "$work/runs" "$work/models"
train plain 'sim:eyes[:64]' 'sim:camera[:64]' refiner.feature_maps=8 refiner.blocks=2
train held 'sim:eyes[:64]' 'sim:camera[:64]' refiner.feature_maps=8 refiner.blocks=1 \
  refiner.activation=silu refiner.output=residual refiner.match_exposure=true \
  'keypoints.points=["iris"]' keypoints.radius=6 keypoints.weight=0 keypoints.steps=60
train colour 'sim:signs[:64]' 'sim:signs?seed=5[:64]' refiner.feature_maps=6 refiner.blocks=1 \
  refiner.kernel_size=5 refiner.activation=leaky_relu preprocessing.channels=3 \
  preprocessing.width=32 preprocessing.height=28
fit gaze 'sim:eyes[:64]' gaze
fit columns 'sim:eyes[:64]' column:iris_x,iris_y
fit class 'sim:signs[:64]' class:class
# The same refiner in another size than it was trained in.
cp -r "$work/runs/plain" "$work/runs/wide"
sed -i 's/^width = 55$/width = 70/; s/^height = 35$/height = 41/' "$work/runs/wide/config.toml"

echo "-- exports"
export_run() { # NAME SAMPLES FORMAT
  "$simgan" -q export --run "$work/runs/$1" --samples "$2" --format "$3" \
    --out "$work/$3/$1" >/dev/null
}
mkdir -p "$work/onnx" "$work/pytorch"
"$simgan" -q simulate eyes --count 100 --seed 9 --out "$work/eyes" >/dev/null
for format in onnx pytorch; do
  export_run plain "$work/eyes" $format
  export_run held 'sim:eyes?seed=9[:100]' $format
  export_run colour 'sim:signs?seed=9[:100]' $format
  export_run wide 'sim:eyes?seed=9[:20]' $format
  for model in gaze:sim:eyes columns:sim:eyes class:sim:signs; do
    "$simgan" -q export --model "$work/models/${model%%:*}" --samples "${model#*:}?seed=9[:100]" \
      --format $format --out "$work/$format/${model%%:*}" >/dev/null
  done
done
cp "$work/onnx/plain/refiner.onnx" "$work/onnx/wide/refiner.onnx" # any size: one file for both
"$simgan" -q refine --run "$work/runs/plain" --input "$work/eyes" --output "$work/refined" >/dev/null

echo "-- onnx.checker and onnxruntime"
python=$tools/bin/python
if "$base_python" -m venv "$tools" && "$python" -m pip install -q \
  onnx==1.23.2 onnxruntime==1.32.0 safetensors==0.8.0 numpy pillow; then
  "$python" -B "$here/onnxruntime_check.py" "$work/onnx" --refined "$work/onnx/plain" "$work/refined"
else
  skipped "it needs Python and its package index"
fi

echo "-- PyTorch"
find_torch='import os, torch; print(os.path.dirname(os.path.dirname(torch.__file__)))'
if torch=$("$base_python" -c "$find_torch" 2>/dev/null) && [ -x "$python" ]; then
  PYTHONPATH=$torch "$python" -B "$here/pytorch_check.py" "$work/pytorch" "$work/onnx"
else
  skipped "it needs a Python that has torch (SIMGAN_PYTHON)"
fi

echo "-- tract"
if [ -z "${SIMGAN_TRACT:-}" ]; then
  skipped "it takes minutes to compile (SIMGAN_TRACT=1)"
elif ! cargo fetch -q --locked --manifest-path tract/Cargo.toml; then
  skipped "it needs the crates of tract"
else
  export CARGO_TARGET_DIR=$PWD/target/tract
  cargo build -q --release --locked --manifest-path tract/Cargo.toml
  target/tract/release/simgan-tract "$work"/onnx/*
fi

echo "-- a browser"
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
packages=$tools/npm/node_modules
if [ -n "$chromium" ] && command -v npm >/dev/null && npm install --silent --no-audit --no-fund \
  --prefix "$tools/npm" onnxruntime-web@1.30.0 playwright-core@1.65.1 >/dev/null; then
  mkdir -p "$work/web"
  for name in plain held colour; do
    "$simgan" -q export --run "$work/runs/$name" --format web \
      --onnxruntime-web "$packages/onnxruntime-web" --out "$work/web/$name" >/dev/null
  done
  NODE_PATH=$packages node "$here/browser_check.js" "$chromium" "$work"/web/*
else
  skipped "it needs npm and chromium"
fi
