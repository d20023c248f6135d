"""Refining in a cluster: every label once, the bytes of one process, also where a worker is killed."""

import importlib.util
import json
import os
import signal
import sys
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import write_folder

import simgan
import simgan.ray

RECIPE = Path(__file__).parents[2] / "recipes" / "ray_refine.py"


def test_batches_keep_rows_and_columns(run, eyes):
    images = eyes["images"]
    refine = simgan.ray.Refine(run, output="refined")
    expected = simgan.Refiner(run).refine(images)
    batch = refine({"image": images, "id": np.arange(24)})
    np.testing.assert_array_equal(batch["refined"], expected)
    np.testing.assert_array_equal(batch["image"], images)
    np.testing.assert_array_equal(batch["id"], np.arange(24))
    ragged = np.empty(2, dtype=object)
    ragged[0], ragged[1] = images[1], np.zeros((70, 110, 3), np.uint8)
    refined = simgan.ray.Refine(run)({"image": ragged})["image"]
    np.testing.assert_array_equal(refined[0], expected[1])
    assert refined[1].shape == (35, 55, 1)
    with pytest.raises(KeyError):
        refine({"eye": images})


@pytest.fixture(scope="module")
def recipe():
    pytest.importorskip("ray.data", reason="Ray is not installed")
    spec = importlib.util.spec_from_file_location("ray_refine", RECIPE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cluster():
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    # Workers cannot import a module of tests.
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)
    yield ray
    ray.shutdown()


def members(folder):
    """Samples of all tar files: the bytes of image and labels by key, each of which may come once."""
    found = {}
    for path in sorted(Path(folder).glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                key, ending = member.name.rsplit(".", 1)
                assert (key, ending) not in found, f"{member.name} comes twice"
                found[key, ending] = tar.extractfile(member).read()
    return found


class Slow:
    """Refines, tells which process did how many batches, and takes its time."""

    def __init__(self, run, told):
        self.refine, self.told = simgan.ray.Refine(run), Path(told)

    def __call__(self, batch):
        refined = self.refine(batch)
        time.sleep(0.15)
        with open(self.told / str(os.getpid()), "a") as file:
            file.write(".")
        return refined


def kill_one(told, killed):
    """Kills the first worker that has done two batches."""
    while not killed:
        for file in told.iterdir():
            if file.stat().st_size == 2:
                os.kill(int(file.name), signal.SIGKILL)
                killed.append(int(file.name))
                return
        time.sleep(0.01)


@pytest.mark.parametrize("source", ["folder", "webdataset"])
def test_a_killed_worker_loses_and_doubles_nothing(recipe, cluster, run, command, tmp_path, source):
    made = simgan.simulate("eyes", 240, seed=6, size=(55, 35))
    labels = {"gaze_pitch": made["labels"]["gaze_pitch"], "number": np.arange(240)}
    folder = write_folder(tmp_path / "eyes", made["images"], labels)
    reference = tmp_path / "reference"
    words = ["refine", "--json", "--run", run, "--input", folder, "--output", reference]
    command(*words, "--format", "webdataset", "--images-per-part", 60)
    if source == "webdataset":
        folder = tmp_path / "tars"
        recipe.write_shards(recipe.samples(tmp_path / "eyes"), folder, 50)
    told, killed = tmp_path / "told", []
    told.mkdir()
    killer = threading.Thread(target=kill_one, args=(told, killed), daemon=True)
    killer.start()
    out = tmp_path / "refined"
    refine = (Slow, {"run": str(run), "told": str(told)})
    count = recipe.refine_all(folder, out, workers=2, batch_size=8, rows=24, refine=refine)
    assert killed and len(list(told.iterdir())) >= 3, "a worker was killed, and another took its place"
    one = tmp_path / "one"
    recipe.refine_all(folder, one, workers=1, batch_size=64, rows=240, refine=(simgan.ray.Refine, {"run": str(run)}))
    refined, expected = members(out), members(reference)
    assert count == 240 and len(refined) == 480
    assert refined == members(one), "the bytes of one process"
    pixels = {key: recipe.decoded(png) for (key, ending), png in expected.items() if ending == "png"}
    for (key, ending), data in refined.items():
        if ending == "png":
            np.testing.assert_array_equal(recipe.decoded(data).squeeze(), pixels[key].squeeze())
        else:
            assert json.loads(data) == json.loads(expected[key, "json"])
