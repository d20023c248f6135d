"""Training, fitting, scoring, comparing, judging and simulating: the results of the command."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
from conftest import CAMERA, EYES, SMALL, read_folder

import simgan

ESTIMATOR = {"estimator": {"steps": 6, "batch_size": 8, "feature_maps": [4, 4, 4, 4, 4], "hidden": 8}}
SET = [
    "estimator.steps=6",
    "estimator.batch_size=8",
    "estimator.feature_maps=[4, 4, 4, 4, 4]",
    "estimator.hidden=8",
]
OPTIONS = [word for text in SET for word in ["--set", text]]


def without(result, *keys):
    """A result without what differs from call to call."""
    if isinstance(result, dict):
        return {k: without(v, *keys) for k, v in result.items() if k not in keys}
    return [without(v, *keys) for v in result] if isinstance(result, list) else result


def test_training_is_that_of_the_command(run, command, tmp_path):
    config = tmp_path / "config.toml"
    config.write_bytes((run / "config.toml").read_bytes())
    told = command("train", "--json", "--config", config, "--synthetic", EYES, "--real", CAMERA, "--out", tmp_path / "run")
    mine = simgan.train(config, synthetic=EYES, real=CAMERA, out=tmp_path / "mine", threads=2)
    assert without(mine, "out", "run", "seconds") == without(told, "out", "run", "seconds")
    assert mine["out"] == mine["run"] == str(tmp_path / "mine") and mine["steps"] == 4
    theirs = simgan.Refiner(tmp_path / "run")
    assert simgan.Refiner(tmp_path / "mine").sha256 == theirs.sha256 == simgan.Refiner(run).sha256


def test_progress_is_told_and_its_errors_stop_and_save(tmp_path, caplog):
    caplog.set_level(logging.INFO, "simgan")
    told = []

    def on_progress(progress):
        told.append(progress)
        if progress["stage"] == "training" and progress["done"] == 2:
            raise RuntimeError("enough")

    out = tmp_path / "run"
    with pytest.raises(RuntimeError, match="enough"):
        simgan.train(SMALL, synthetic=EYES, real=CAMERA, out=out, on_progress=on_progress)
    stages = list(dict.fromkeys(progress["stage"] for progress in told))
    assert stages[-3:] == ["refiner warm-up", "discriminator warm-up", "training"]
    assert any(progress.get("event") for progress in told)
    assert all(progress["done"] <= progress["total"] for progress in told)
    assert any("training on 40 synthetic" in record.getMessage() for record in caplog.records)
    assert not (out / "MODEL_CARD.md").exists()
    resumed = simgan.train(resume=True, out=out)
    assert "# " in (out / "MODEL_CARD.md").read_text()
    assert resumed["steps"] == 4 and not resumed["already_done"]
    assert simgan.train(resume=True, out=out)["already_done"]
    with pytest.raises(simgan.UsageError, match="holds a run already") as error:
        simgan.train(SMALL, synthetic=EYES, real=CAMERA, out=out)
    assert error.value.exit_code == 2


def test_ctrl_c_saves_a_training(tmp_path):
    script = textwrap.dedent(
        f"""
        import simgan
        try:
            simgan.train({SMALL | {"training": SMALL["training"] | {"steps": 100000}}!r},
                         synthetic={EYES!r}, real={CAMERA!r}, out="run",
                         on_progress=lambda p: print(p["stage"], p["done"], flush=True))
        except KeyboardInterrupt as interrupt:
            print("interrupted:", interrupt, flush=True)
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    for line in child.stdout:
        if line.startswith("training 3"):
            child.send_signal(signal.SIGINT)
            break
    rest = child.stdout.read()
    assert child.wait(timeout=120) == 0
    assert "interrupted:" in rest
    refiner = simgan.Refiner(tmp_path / "run")
    assert 3 <= refiner.step < 100000
    more = simgan.train(resume=True, out=tmp_path / "run", set={"training.steps": refiner.step + 1})
    assert more["steps"] == refiner.step + 1


def test_wrong_configurations_are_refused(tmp_path):
    sides = {"synthetic": EYES, "real": CAMERA, "out": tmp_path / "run"}
    with pytest.raises(simgan.ConfigError, match="lamda"):
        simgan.train({"training": {"lamda": 1}}, **sides)
    with pytest.raises(simgan.ConfigError, match="batch_size"):
        simgan.train(set={"training.batch_size": 0}, **sides)
    with pytest.raises(simgan.SimganError, match="gazes") as error:
        simgan.train("gazes", **sides)
    assert "built-in" in error.value.hint
    with pytest.raises(simgan.ConfigError, match="needs synthetic and real"):
        simgan.train(out=tmp_path / "run")
    with pytest.raises(TypeError, match="one text"):
        simgan.train(set="training.steps=5", **sides)
    assert not (tmp_path / "run").exists()


def test_estimators_are_those_of_the_command(command, tmp_path):
    told = command("fit", "gaze", "--json", "--data", EYES, "--out", tmp_path / "a", "--seed", 3, *OPTIONS)
    mine = simgan.fit(EYES, task="gaze", out=tmp_path / "b", seed=3, config=ESTIMATOR, threads=2)
    assert without(mine, "out", "model", "seconds") == without(told, "out", "model", "seconds")
    assert mine["out"] == mine["model"] == str(tmp_path / "b")
    data = "sim:eyes?seed=4&count=30"
    scores = command("evaluate", "--json", "--model", tmp_path / "a", "--data", data)
    assert simgan.evaluate(tmp_path / "b", data) == scores
    assert scores["images"] == 30
    with pytest.raises(simgan.ConfigError, match="--task is column:"):
        simgan.evaluate(tmp_path / "b", data, task="column:head_pitch")


def test_comparisons_are_those_of_the_command(run, command, tmp_path):
    sides = ["--synthetic", EYES, "--real-test", "sim:camera?seed=2&count=20"]
    told = command(
        "compare", "--json", "--task", "gaze", "--run", run, *sides, "--seeds", 1, "--out", tmp_path / "a", *OPTIONS
    )
    mine = simgan.compare(
        run, synthetic=EYES, real_test=sides[-1], task="gaze", seeds=1, out=tmp_path / "b", set=SET, threads=2
    )
    assert without(mine, "seconds") == without(told, "seconds")
    assert (tmp_path / "b" / "comparison.json").is_file() and len(read_folder(tmp_path / "b" / "refined")) == 40


def compared_in_child(run, out, queue):
    try:
        simgan.compare(run, synthetic=EYES, real_test=EYES, task="gaze", seeds=1, out=out, set=SET)
    except simgan.UsageError as error:
        queue.put(str(error))


def test_a_forked_process_does_not_compare(run, tmp_path):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=compared_in_child, args=(run, tmp_path / "out", queue))
    child.start()
    assert "compare does not work in a forked process" in queue.get(timeout=60)
    child.join(timeout=60)
    assert child.exitcode == 0 and not (tmp_path / "out").exists()


def test_judgements_are_those_of_the_command(run, command, tmp_path):
    sides = ["--synthetic", EYES, "--real", "sim:camera?seed=3&count=30"]
    told = command("judge", "--json", "--run", run, *sides, "--seeds", 1, "--out", tmp_path / "a")
    mine = simgan.judge(run, synthetic=EYES, real=sides[-1], seeds=1, out=tmp_path / "b", threads=2)
    assert mine == told
    assert (tmp_path / "b" / "judgement.json").is_file()


def test_an_interrupted_fit_leaves_nothing(tmp_path):
    def on_progress(progress):
        if progress["stage"] == "fitting":
            os.kill(os.getpid(), signal.SIGINT)

    begun = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        simgan.fit(EYES, task="gaze", out=tmp_path / "m", set=["estimator.steps=100000"], on_progress=on_progress)
    assert time.perf_counter() - begun < 60
    assert not (tmp_path / "m").exists()
    assert simgan.fit(EYES, task="gaze", out=tmp_path / "m", config=ESTIMATOR)["fit"]["steps"] > 0


def test_simulated_images_are_those_of_the_command(command, tmp_path):
    out = tmp_path / "eyes"
    words = ["--count", 5, "--seed", 7, "--start", 3, "--size", "44x28", "--gaze-range=-9:9,-20:20"]
    command("simulate", "eyes", "--json", "--out", out, *words)
    keys = {"gaze_pitch": [-9.0, 9.0], "gaze_yaw": [-20.0, 20.0]}
    made = simgan.simulate("eyes", 5, seed=7, start=3, size=(44, 28), set=keys)
    assert made["images"].dtype == np.uint8
    np.testing.assert_array_equal(made["images"], read_folder(out))
    header, *rows = (line.split(",") for line in (out / "labels.csv").read_text().splitlines())
    assert header[1:] == list(made["labels"]) and [row[0] for row in rows] == made["names"]
    for column, name in enumerate(header[1:], 1):
        cells = [row[column] for row in rows]
        values = made["labels"][name]
        assert values.dtype.kind in "ifU" and len(values) == 5
        assert list(values) == [values.dtype.type(cell) for cell in cells]
    assert made["labels"]["gaze_pitch"].dtype == np.float64
    with pytest.raises(simgan.ConfigError, match="no simulator `ears`"):
        simgan.simulate("ears", 1)
    with pytest.raises(simgan.ConfigError, match="gaze_yw"):
        simgan.simulate("eyes", 1, set={"gaze_yw": [0, 1]})
    with pytest.raises(ValueError, match="count"):
        simgan.simulate("eyes", 0)


def test_depths_are_millimetres():
    made = simgan.simulate("hands", 2, size=(48, 40))
    assert made["images"].dtype == np.uint16 and made["images"].shape == (2, 40, 48)
    depths = made["images"][made["images"] > 0]
    assert depths.size > 100 and depths.min() > 400 and depths.max() < 1300
    assert made["labels"]["index_tip_u"].dtype == np.float64
