"""Refining arrays: the bytes of the command, and clear refusals of everything else."""

import copy
import multiprocessing
import pickle
import shutil
import threading
import time

import numpy as np
import pytest
from conftest import SMALL, read_folder, write_folder

import simgan


@pytest.fixture(scope="session")
def refiner(run):
    return simgan.Refiner(run, threads=2)


@pytest.mark.parametrize("checkpoint", ["latest", "best", 2, 4])
def test_bytes_are_those_of_the_command(run, command, eyes, tmp_path, checkpoint):
    folder = write_folder(tmp_path / "eyes", eyes["images"])
    step = [] if checkpoint == "latest" else ["--checkpoint", checkpoint]
    refine = ["refine", "--json", "--run", run, "--input", folder, "--output", tmp_path / "refined"]
    command(*refine, *step)
    refined = simgan.Refiner(run, checkpoint).refine(eyes["images"])
    assert refined.dtype == np.uint8 and refined.shape == (24, 35, 55, 1)
    np.testing.assert_array_equal(refined[..., 0], read_folder(tmp_path / "refined"))


def test_held_points_and_other_sizes_are_as_with_the_command(held_run, command, tmp_path):
    larger = simgan.simulate("eyes", 6, size=(110, 70))["images"]
    folder = write_folder(tmp_path / "eyes", larger)
    command("refine", "--json", "--run", held_run, "--input", folder, "--output", tmp_path / "refined")
    refiner = simgan.Refiner(held_run)
    assert refiner.keypoint_radius == 6
    np.testing.assert_array_equal(refiner.refine(larger)[..., 0], read_folder(tmp_path / "refined"))
    grey = read_folder(folder)[..., 0]
    assert refiner.refine(grey).shape == (6, 35, 55)


def test_checkpoints_differ_and_say_what_they_are(run, eyes):
    first, last = simgan.Refiner(run, 2), simgan.Refiner(str(run))
    assert (first.step, last.step, last.image_shape) == (2, 4, (35, 55, 1))
    assert first.sha256 != last.sha256 != simgan.Refiner(run, average=False).sha256
    assert (first.refine(eyes["images"]) != last.refine(eyes["images"])).any()
    assert "checkpoint=4" in repr(last)


def test_order_layout_threads_and_batches_make_no_difference(run, refiner, eyes):
    images = np.ascontiguousarray(eyes["images"][..., 0])
    whole = refiner.refine(images)
    assert whole.shape == images.shape
    np.testing.assert_array_equal(refiner.refine(images[::-1])[::-1], whole)
    np.testing.assert_array_equal(refiner.refine(np.asfortranarray(images)), whole)
    np.testing.assert_array_equal(np.concatenate([refiner.refine(i[None]) for i in images]), whole)
    np.testing.assert_array_equal(simgan.Refiner(run, threads=1).refine(images), whole)
    assert refiner.refine(images[:0]).shape == (0, 35, 55)
    assert (images == eyes["images"][..., 0]).all()


def test_fractions_are_not_rounded_and_agree_with_levels(refiner, eyes):
    grey = eyes["images"][..., 1]
    levels = refiner.refine(grey)
    fractions = refiner.refine(grey.astype(np.float32) / 255)
    assert fractions.dtype == np.float32
    assert 0 <= fractions.min() and fractions.max() <= 1
    assert np.abs(fractions * 255 - levels).max() <= 0.501


def test_equalizing_is_done_to_levels_only(tmp_path, command, eyes):
    settings = {**SMALL, "preprocessing": {"equalize": True}}
    settings["training"] = {**SMALL["training"], "steps": 1}
    run = tmp_path / "run"
    simgan.train(settings, synthetic="sim:eyes?count=8", real="sim:camera?count=8", out=run)
    refiner = simgan.Refiner(run)
    folder = write_folder(tmp_path / "eyes", eyes["images"])
    command("refine", "--json", "--run", run, "--input", folder, "--output", tmp_path / "refined")
    np.testing.assert_array_equal(refiner.refine(eyes["images"])[..., 0], read_folder(tmp_path / "refined"))
    fractions = eyes["images"][..., 0].astype(np.float32) / 255
    with pytest.raises(simgan.DataError, match="equalizes"):
        refiner.refine(fractions)
    assert refiner.refine(fractions, preprocessed=True).shape == fractions.shape


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((2, 35, 55), np.float64), "float64"),
        (np.zeros((2, 35, 55), np.int16), "int16"),
        ([[1, 2]], "a list"),
        (np.zeros((35, 55), np.uint8), "image\\[None\\]"),
        (np.zeros((35, 55, 3), np.uint8), "image\\[None\\]"),
        (np.zeros((2, 3, 35, 55), np.uint8), "transpose"),
        (np.zeros((2, 35, 55, 4), np.uint8), "grey"),
        (np.zeros((2, 0, 55), np.uint8), "one pixel"),
        (np.zeros((1, 70, 110), np.float32), "110x70"),
        (np.full((2, 35, 55), 255, np.float32), "image 0 has the value 255"),
        (np.full((2, 35, 55), np.nan, np.float32), "NaN"),
        (np.full((2, 35, 55), -1, np.float32), "-1"),
    ],
)
def test_what_is_unclear_is_refused(refiner, array, words):
    with pytest.raises(simgan.DataError, match=words) as error:
        refiner.refine(array)
    assert error.value.hint and error.value.exit_code == 4
    assert str(error.value).endswith(f"hint: {error.value.hint}")


def test_the_first_bad_image_is_named(refiner):
    images = np.zeros((9000, 35, 55), np.float32)
    images[8500, 3, 4] = 1.5
    with pytest.raises(simgan.DataError, match="image 8500 has the value 1.5"):
        refiner.refine(images)


def test_errors_have_the_sentences_of_the_command(run, command, tmp_path):
    for folder, kind in [(tmp_path, simgan.ModelError), (tmp_path / "none", simgan.InputOutputError)]:
        with pytest.raises(kind) as error:
            simgan.Refiner(folder)
        words = ["refine", "--run", folder, "--input", "sim:eyes", "--output", tmp_path / "o"]
        told = command(*words, check=False)
        assert told.returncode == error.value.exit_code
        assert f"error: {error.value.message}" in told.stderr
        assert error.value.hint is None or f"hint: {error.value.hint}" in told.stderr
        again = pickle.loads(pickle.dumps(error.value))
        assert (type(again), again.message, again.hint) == (kind, error.value.message, error.value.hint)
    with pytest.raises(simgan.ModelError, match="no checkpoint of step 3") as error:
        simgan.Refiner(run, 3)
    assert "2, 4" in error.value.hint
    with pytest.raises(simgan.ConfigError, match="newest"):
        simgan.Refiner(run, "newest")
    with pytest.raises(ValueError, match="threads"):
        simgan.Refiner(run, threads=0)


def test_damage_is_found(run, tmp_path, caplog):
    damaged = shutil.copytree(run, tmp_path / "run")
    for name in ["refiner", "refiner_average"]:
        file = damaged / "checkpoints" / "step_00000004" / f"{name}.safetensors"
        data = bytearray(file.read_bytes())
        data[-1] ^= 1
        file.write_bytes(data)
    with pytest.raises(simgan.ModelError, match="step_00000004"):
        simgan.Refiner(damaged, 4)
    assert simgan.Refiner(damaged).step == 2
    assert any(r.name == "simgan" and "step_00000004" in r.getMessage() for r in caplog.records)


def test_pickles_are_of_the_very_weights(run, refiner, eyes, tmp_path):
    for again in [pickle.loads(pickle.dumps(refiner)), copy.deepcopy(refiner)]:
        assert (again.step, again.threads, again.sha256) == (4, 2, refiner.sha256)
        np.testing.assert_array_equal(again.refine(eyes["images"]), refiner.refine(eyes["images"]))
    moved = shutil.copytree(run, tmp_path / "run")
    pickled = pickle.dumps(simgan.Refiner(moved, 2))
    shutil.rmtree(moved / "checkpoints" / "step_00000002")
    with pytest.raises(simgan.ModelError, match="no checkpoint of step 2"):
        pickle.loads(pickled)
    other = tmp_path / "other"
    settings = {**SMALL, "training": {**SMALL["training"], "seed": 9}}
    simgan.train(settings, synthetic="sim:eyes?count=8", real="sim:camera?count=8", out=other)
    shutil.rmtree(moved)
    other.rename(moved)
    with pytest.raises(simgan.ModelError, match="other weights"):
        pickle.loads(pickled)


def refined_in_child(refiner, images, queue):
    queue.put(refiner.refine(images))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_refine_alike(refiner, eyes, method):
    expected = refiner.refine(eyes["images"])  # the parent's threads are at work before the fork
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    children = [
        context.Process(target=refined_in_child, args=(refiner, eyes["images"], queue)) for _ in range(2)
    ]
    for child in children:
        child.start()
    for _ in children:
        np.testing.assert_array_equal(queue.get(timeout=120), expected)
    for child in children:
        child.join(timeout=60)
        assert child.exitcode == 0
    np.testing.assert_array_equal(refiner.refine(eyes["images"]), expected)


def test_other_threads_run_meanwhile(run, eyes):
    refiner = simgan.Refiner(run, threads=1)
    images = np.repeat(eyes["images"], 20, axis=0)
    refined = []
    work = threading.Thread(target=lambda: refined.append(refiner.refine(images)))
    begun = time.perf_counter()
    work.start()
    turns = 0
    while work.is_alive():
        turns += 1
        time.sleep(0.001)
    seconds = time.perf_counter() - begun
    assert seconds > 0.05
    assert turns > 5, f"the interpreter was free {turns} times in {seconds:.2f} s"
    alone = refiner.refine(eyes["images"])
    np.testing.assert_array_equal(refined[0], np.repeat(alone, 20, axis=0))


def test_arrays_have_no_boxes_that_could_be_held(run, eyes, tmp_path):
    held = shutil.copytree(run, tmp_path / "held")
    config = held / "config.toml"
    text = config.read_text()
    assert 'boxes = "all"' in text
    config.write_text(text.replace('boxes = "all"', 'boxes = "light"'))
    with pytest.raises(simgan.ConfigError, match="images alone do not have"):
        simgan.Refiner(held).refine(eyes["images"])
