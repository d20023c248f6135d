#!/usr/bin/env bash
# Makes the virtual environment in which `simgan-lab bench --peer pytorch` runs PyTorch:
#
#   benches/peers/setup.sh [FOLDER]
#
# FOLDER is $SIMGAN_CACHE_DIR/peers/pytorch, by default ~/.cache/simgan/peers/pytorch, where `simgan-lab bench`
# looks for it; give the interpreter of another one with --python FOLDER/bin/python or SIMGAN_PYTHON.
# Needs Python 3.11 or newer ($PYTHON, else python3), and a C++ compiler for the compiled variants.
#
# pip's own variables (PIP_INDEX_URL, PIP_FIND_LINKS, ...) hold. Without them, the build for Linux brings
# libraries for NVIDIA GPUs, several GB that the benchmark does not use; a CPU-only index avoids them.
set -euo pipefail

cache="${SIMGAN_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/simgan}"
folder="${1:-$cache/peers/pytorch}"

"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --disable-pip-version-check torch==2.13.0 numpy==2.4.6
"$folder/bin/python" "$(dirname "$0")/pytorch.py" --check
echo "ready: simgan-lab bench --peer pytorch --python $folder/bin/python"
