"""A small run that all tests share, and the command to compare with."""

import json
import os
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import simgan

# A shell has what it runs in the background ignore Ctrl-C; these tests send it, to themselves and to their children.
signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL = {
    "refiner": {"feature_maps": 8, "blocks": 1, "match_exposure": True},
    "discriminator": {},
    "history": {"size": 32},
    "preprocessing": {"equalize": False},
    "training": {
        "steps": 4,
        "batch_size": 4,
        "refiner_warmup": 3,
        "discriminator_warmup": 2,
        "checkpoint_every": 2,
        "checkpoints_kept": 0,
        "average_decay": 0.5,
        "keep_best": True,
    },
}
EYES, CAMERA = "sim:eyes?count=40", "sim:camera?count=40"


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Decoded images do not go to the user's cache."""
    os.environ["SIMGAN_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run with checkpoints of iterations 2 and 4."""
    out = tmp_path_factory.mktemp("runs") / "plain"
    simgan.train(SMALL, synthetic=EYES, real=CAMERA, out=out, threads=2)
    return out


@pytest.fixture(scope="session")
def held_run(tmp_path_factory):
    """A run that holds the labelled iris."""
    out = tmp_path_factory.mktemp("runs") / "held"
    points = {"points": ["iris"], "radius": 6, "weight": 0, "steps": 30}
    simgan.train({**SMALL, "keypoints": points}, synthetic=EYES, real=CAMERA, out=out, threads=2)
    return out


@pytest.fixture(scope="session")
def command():
    """Runs the `simgan` command and gives its JSON; skips where it is not built."""
    binary = os.environ.get("SIMGAN_COMMAND")
    if not binary or not Path(binary).is_file():
        pytest.skip("the command is compared with where SIMGAN_COMMAND names it")

    def run_it(*arguments, check=True):
        words = [binary, "--quiet", "--threads", "2", *map(str, arguments)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if check:
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)
        return done

    return run_it


@pytest.fixture(scope="session")
def eyes():
    """Simulated eyes: images and labels."""
    return simgan.simulate("eyes", 24, seed=5, size=(55, 35))


def write_folder(folder, images, labels=None):
    """Images as PNG files, and labels.csv."""
    (folder / "images").mkdir(parents=True)
    names = [f"images/{i:06}.png" for i in range(len(images))]
    for name, image in zip(names, images):
        Image.fromarray(np.squeeze(image)).save(folder / name)
    if labels is not None:
        rows = [",".join(["file", *labels])]
        columns = list(labels.values())
        rows += [",".join([name, *(str(c[i]) for c in columns)]) for i, name in enumerate(names)]
        (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


def read_folder(folder):
    """The images of a folder in the order of their names."""
    paths = sorted((folder / "images").iterdir())
    return np.stack([np.asarray(Image.open(path)) for path in paths])
