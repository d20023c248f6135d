#!/usr/bin/env python3
"""Says by how much the newest checkpoints of two runs differ, and fails above a tolerance.

    compare_weights.py RUN OTHER [TOLERANCE]
"""

import json
import struct
import sys
from array import array
from pathlib import Path

FILES = ["refiner.safetensors", "discriminator.safetensors", "history.safetensors"]


def newest(run: str) -> Path:
    return max((Path(run) / "checkpoints").glob("step_*"))


def tensors(path: Path) -> dict[str, array]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    body = data[8 + length :]
    ranges = {name: value["data_offsets"] for name, value in header.items() if name != "__metadata__"}
    return {name: array("f", body[start:end]) for name, (start, end) in ranges.items()}


def main() -> None:
    one, other = (newest(run) for run in sys.argv[1:3])
    most = 0.0
    for file in FILES:
        a, b = tensors(one / file), tensors(other / file)
        assert a.keys() == b.keys(), file
        for name in a:
            assert len(a[name]) == len(b[name]), name
            most = max([most, *(abs(x - y) for x, y in zip(a[name], b[name]))])
    states = [json.loads((folder / "state.json").read_text()) for folder in (one, other)]
    for key in ["step", "positions", "history_rng", "stabilizers"]:
        assert states[0][key] == states[1][key], key
    print(f"largest difference of {one} and {other}: {most:.1e}")
    sys.exit(most > float(sys.argv[3] if len(sys.argv) > 3 else 1e-5))


if __name__ == "__main__":
    main()
