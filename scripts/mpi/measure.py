#!/usr/bin/env python3
"""Speed of 1, 2 and 4 processes beside one process of as many threads, taken in turns; medians.

    measure.py SIMGAN [ROUNDS [BATCH]]     a program built with the feature `mpi`

One row: iterations a second of Algorithm 1 (the default networks on simulated eyes), and its efficiency: its
speed divided by that of one process with as many threads in all.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

STEPS = 12
# Processes and threads of each.
SETTINGS = [(1, 1), (1, 2), (2, 1), (4, 1)]
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
}


def speed(simgan: str, folder: Path, processes: int, threads: int, batch: int) -> float:
    """Iterations a second, without the first ones."""
    out = folder / "run"
    train = f"{simgan} -q --threads {threads} train --synthetic sim:eyes?count=600 --real sim:camera?count=600"
    keys = f"refiner_warmup=0 discriminator_warmup=1 steps={STEPS} batch_size={batch} log_every=2 images_every=0 checkpoint_every=0"
    sets = [word for key in keys.split() for word in ("--set", f"training.{key}")]
    sets += ["--set", f"history.size={2 * batch}"]
    launcher = ["mpirun", "-n", str(processes)] if processes > 1 else []
    environment = {**os.environ, **OPEN_MPI, "SIMGAN_CACHE_DIR": str(folder / "cache")}
    subprocess.run([*launcher, *train.split(), "--out", str(out), *sets], check=True, env=environment, stdout=subprocess.DEVNULL)
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    times = [e["seconds"] for e in events if e["event"] == "step" and e["phase"] == "adversarial"]
    subprocess.run(["rm", "-r", str(out)], check=True)
    pairs = [later - earlier for earlier, later in zip(times, times[1:-1])]
    return 2 / median(pairs)


def main() -> None:
    simgan = str(Path(sys.argv[1]).resolve())
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    batch = int(sys.argv[3]) if len(sys.argv) > 3 else 32
    found = {setting: [] for setting in SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for setting in SETTINGS:
                found[setting].append(speed(simgan, Path(folder), *setting, batch))
    medians = {setting: median(speeds) for setting, speeds in found.items()}
    for (processes, threads), value in medians.items():
        spread = sorted(found[processes, threads])
        print(f"{processes} x {threads} threads: {value:.3f} iterations/s ({spread[0]:.3f} to {spread[-1]:.3f})")
    ratios = [two / one for two, one in zip(found[2, 1], found[1, 2])]
    print(f"2 x 1 over 1 x 2: {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main()
