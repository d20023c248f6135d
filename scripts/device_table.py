#!/usr/bin/env python3
"""Tables of what `scripts/device_check.sh run` measured, in Markdown.

    device_table.py RESULTS
"""

import json
import sys
from pathlib import Path

# Losses of two trainings that started alike drift apart by rounding; these are shown, the reader judges.
CURVES = ["refiner_loss", "self_regularization", "discriminator_loss"]


def number(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def speed_rows(path):
    """One row for every stage of one `bench --json`."""
    found = json.loads(path.read_text())
    machine = found["machine"]
    rounded = "f32 (TF32)" if path.stem.endswith("tf32") else machine["precision"]
    for stage, images in found["images"].items():
        variant = found["ratios"][stage]["pytorch_variant"]
        peer = found["peers"].get(variant, {})
        seconds, theirs = found[f"{stage}_seconds"], peer.get(f"{stage}_seconds")
        memory = [side.get("device_memory_mb", {}).get(stage) for side in (found, peer)]
        yield [
            f"`{stage}`", str(images), rounded, number(seconds, 5), number(theirs, 5), variant or "-",
            number(theirs and theirs / seconds, 2), number(memory[0], 0), number(memory[1], 0),
        ]  # fmt: skip


def steps(run):
    """The logged lines of a training by phase and step."""
    lines = (run / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return {(e["phase"], e["step"]): e for e in events if e["event"] == "step"}


def curve_rows(results):
    """How far the losses on the device are from those on the CPU."""
    runs = [run for run in sorted(results.glob("run-*")) if (run / "events.jsonl").exists()]
    cpu = [run for run in runs if run.name == "run-cpu"]
    for run in (run for run in runs if cpu and run.name != "run-cpu"):
        ours, theirs = steps(run), steps(cpu[0])
        for name in CURVES:
            both = [(ours[at][name], theirs[at][name]) for at in ours if at in theirs and name in ours[at]]
            off = [abs(a - b) for a, b in both]
            if off:
                mean = sum(b for _, b in both) / len(both)
                yield [run.name.removeprefix("run-"), name, str(len(off)), number(mean, 4), number(max(off), 5)]


def table(header, rows):
    rows = list(rows)
    if rows:
        print("| " + " | ".join(header) + " |")
        print("|" + "---|" * len(header))
        for row in rows:
            print("| " + " | ".join(row) + " |")
        print()


def main():
    results = Path(sys.argv[1])
    measured = sorted(path for path in results.glob("*.json") if path.stat().st_size)
    for line in dict.fromkeys(json.loads(path.read_text())["machine"]["card"] or "no card" for path in measured):
        print(f"Card: {line}\n")
    header = ["stage", "batch", "numbers", "simgan, s", "PyTorch, s", "variant", "ratio", "MB", "PyTorch, MB"]
    table(header, (row for path in measured for row in speed_rows(path)))
    table(["device", "curve", "lines", "mean on the CPU", "largest difference"], curve_rows(results))


if __name__ == "__main__":
    main()
