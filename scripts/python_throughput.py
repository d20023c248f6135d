#!/usr/bin/env python3
"""Images a second of the Python package beside the command, in turns: scripts/python_throughput.py --run RUN

The command reads the images from its cache, refines and writes PNG files (`seconds`), of which the net is a part
(`net_seconds`: from memory to memory). Python refines the same images from an array to an array. Ratios are rates of
Python divided by those of the command, in every round; medians are told.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import simgan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", required=True)
    parser.add_argument("--simgan", default="simgan", help="the command")
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    refiner = simgan.Refiner(arguments.run, threads=arguments.threads)
    height, width, _ = refiner.image_shape
    distinct = simgan.simulate("eyes", min(arguments.images, 1000), size=(width, height))["images"]
    images = np.resize(distinct[..., 0], (arguments.images, height, width))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "images"
        source.mkdir()
        for number, image in enumerate(images):
            Image.fromarray(image).save(source / f"{number:06}.png", compress_level=1)
        words = [arguments.simgan, "--quiet", "--threads", str(arguments.threads), "refine", "--json"]
        words += ["--run", arguments.run, "--input", str(source), "--cache-dir", f"{folder}/cache"]
        rates = []
        for number in range(arguments.rounds + 1):
            output = f"{folder}/refined-{number}"
            done = subprocess.run([*words, "--output", output], check=True, capture_output=True)
            told = json.loads(done.stdout)
            begun = time.perf_counter()
            refined = refiner.refine(images)
            seconds = time.perf_counter() - begun
            # The first round fills the cache and is not counted.
            rates.append([len(refined) / s for s in (seconds, told["seconds"], told["net_seconds"])])
    counted = rates[1:]
    python, command, net = (statistics.median(column) for column in zip(*counted))
    print(f"{arguments.images} images of {width}x{height}, {arguments.threads} threads, {len(counted)} rounds")
    print(f"images a second: Python {python:.0f}, command {command:.0f}, its net {net:.0f}")
    for name, place in [("command, files to files", 1), ("its net, memory to memory", 2)]:
        ratios = sorted(row[0] / row[place] for row in counted)
        print(f"Python / {name}: {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})")


if __name__ == "__main__":
    main()
