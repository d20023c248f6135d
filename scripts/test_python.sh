#!/usr/bin/env bash
# Builds the wheel of the Python package, installs it into a virtual environment and tests it: scripts/test_python.sh
#
# It needs Python 3.10 or newer ($PYTHON, else python3) and its package index, and says so where they are missing. What
# the workspace has compiled is not compiled again. PyTorch and Ray are tested with where they can be installed; with
# SIMGAN_PYTHON_EXTRAS=0 they are not, for the build of PyTorch for Linux brings libraries for GPUs of several GB.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  echo "skipped: the Python package needs Python 3.10 or newer"
  exit 0
fi
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR=$target
# Shared with the tests of exports, which need PyTorch as well.
environment=${SIMGAN_PYTHON_ENVIRONMENT:-$PWD/target/ci-tools}
install() { timeout 900 "$environment/bin/pip" install -q --disable-pip-version-check "$@"; }
if ! "$python" -m venv "$environment" || ! install maturin==1.16.0 numpy==2.4.6 pytest==9.2.0 pillow==13.0.0; then
  echo "skipped: the Python package needs the package index of Python"
  exit 0
fi

scripts/shared_features.py
rm -rf "$target/wheels"
(cd python && "$environment/bin/maturin" build --release --locked --quiet --auditwheel skip --out "$target/wheels" \
  --interpreter "$environment/bin/python")
install --force-reinstall --no-deps "$target"/wheels/simgan-*.whl
if [ "${SIMGAN_PYTHON_EXTRAS:-1}" = 1 ]; then
  install torch==2.15.0 safetensors==0.8.0 || echo "skipped: PyTorch cannot be installed"
  install 'ray[data]==2.60.0' || echo "skipped: Ray cannot be installed"
fi
SIMGAN_COMMAND=${SIMGAN_COMMAND:-$target/release/simgan} "$environment/bin/python" -m pytest -q -ra python/tests
