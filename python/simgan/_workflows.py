"""The work of the commands of these names, with the same results."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from simgan import _simgan
from simgan._arguments import OnProgress, Path, Settings, opening, optional, settings, surroundings


def train(
    config: Path | Mapping[str, Any] | None = None,
    *,
    synthetic: Path | None = None,
    real: Path | None = None,
    out: Path,
    resume: bool = False,
    allow_changes: bool = False,
    set: Settings = (),
    on_bad_image: str = "fail",
    cache_dir: Path | None = None,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Trains a refiner (Algorithm 1 of the paper), as ``simgan train`` does.

    Args:
        config: a TOML file, the name of a built-in configuration (``"gaze"``), or keys and values
            (``{"training": {"steps": 500}}``); ``None``: the built-in defaults, or those of the run that is resumed.
        synthetic: labelled synthetic images: a folder, tar files, a part of one (``"DIR[:1000]"``) or a simulator
            (``"sim:eyes"``).
        real: unlabelled real images. Both may be missing with ``resume``.
        out: folder of the run: new or empty, or the run to resume.
        resume: go on from the newest good checkpoint of the run in ``out``, with its own configuration.
        allow_changes: let ``set`` change what a resumed run computes.
        set: keys to set, ``{"training.steps": 500}`` or ``["training.steps=500"]``; they win over ``config``.
        on_bad_image: ``"fail"`` or ``"skip"``: what to do with an image that cannot be used.
        cache_dir: folder for decoded images; ``None``: the user'"'"'s cache folder.
        threads: threads to compute with; ``None``: one a core.
        on_progress: called with a dictionary: ``stage``, ``done``, ``total``, and ``message`` or (after every step of
            training) ``event``, a line of the run'"'"'s log or ``None``. What it raises stops the training like Ctrl-C.

    Returns:
        ``run``, ``steps``, ``seconds``, ``already_done``, ``last`` (mean losses): what ``--json`` prints.

    Raises:
        KeyboardInterrupt: Ctrl-C. The training was saved; ``resume=True`` goes on.
        SimganError: the exceptions of :mod:`simgan.errors`.
    """
    arguments = {
        "synthetic": optional(synthetic),
        "real": optional(real),
        "out": os.fspath(out),
        "resume": resume,
        "allow_changes": allow_changes,
        "settings": settings(config, set),
        "open": opening(on_bad_image, cache_dir),
    }
    return _simgan.train(arguments, surroundings(threads, on_progress))


def fit(
    data: Path,
    *,
    out: Path,
    task: str | None = None,
    versions: Iterable[Path] = (),
    adapt: Path | None = None,
    target: Sequence[str] = (),
    seed: int = 0,
    run: Path | None = None,
    config: Path | Mapping[str, Any] | None = None,
    set: Settings = (),
    on_bad_image: str = "fail",
    cache_dir: Path | None = None,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Fits an estimator on labelled images and saves it in ``out``, as ``simgan fit`` does.

    Args:
        data: labelled images: raw synthetic, refined or real.
        out: folder of the model: new or empty.
        task: ``"gaze"``, ``"column:NAME[,NAME]"`` or ``"class:NAME"``; ``None``: what the labels allow.
        versions: other versions of the very same images, as refined ones are of raw ones.
        adapt: unlabelled real images to adapt to.
        target: label columns to estimate.
        seed: seed of weights, batches and the held-out part.
        run: take the preprocessing of this run, and its ``[estimator]`` unless ``config`` gives one.
        config, set, on_bad_image, cache_dir, threads, on_progress: as in :func:`train`.

    Returns:
        ``model`` and ``fit`` (images, steps, held-out losses): what ``--json`` prints.

    Raises:
        SimganError: the exceptions of :mod:`simgan.errors`. Ctrl-C leaves no model.
    """
    arguments = {
        "task": task,
        "data": os.fspath(data),
        "versions": [os.fspath(version) for version in versions],
        "adapt": optional(adapt),
        "out": os.fspath(out),
        "target": list(target),
        "seed": seed,
        "run": optional(run),
        "settings": settings(config, set),
        "open": opening(on_bad_image, cache_dir),
    }
    return _simgan.fit(arguments, surroundings(threads, on_progress))


def evaluate(
    model: Path,
    data: Path,
    *,
    task: str | None = None,
    calibrate: int = 0,
    calibration_seed: int = 0,
    on_bad_image: str = "fail",
    cache_dir: Path | None = None,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Scores an estimator on labelled images, as ``simgan evaluate`` does.

    Args:
        model: folder that :func:`fit` made.
        data: labelled images.
        task: what the model is expected to estimate; ``None``: the model knows it.
        calibrate: images, labelled with a screen point, to fit the affine map from gaze to screen on.
        calibration_seed: decides which images calibrate.
        on_bad_image, cache_dir, threads, on_progress: as in :func:`train`.

    Returns:
        The scores: ``mean``, ``median``, ``unit``, ``axes``, ...: what ``--json`` prints.

    Raises:
        SimganError: the exceptions of :mod:`simgan.errors`.
    """
    arguments = {
        "task": task,
        "model": os.fspath(model),
        "data": os.fspath(data),
        "calibrate": calibrate,
        "calibration_seed": calibration_seed,
        "open": opening(on_bad_image, cache_dir),
    }
    return _simgan.evaluate(arguments, surroundings(threads, on_progress))


def compare(
    run: Path,
    *,
    synthetic: Path,
    real_test: Path,
    out: Path,
    task: str | None = None,
    seeds: int = 3,
    calibrate: int = 0,
    augmented: bool = False,
    both: bool = False,
    versions: bool = False,
    real_training: Path | None = None,
    target: Sequence[str] = (),
    config: Path | Mapping[str, Any] | None = None,
    set: Settings = (),
    on_bad_image: str = "fail",
    cache_dir: Path | None = None,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Fits the same estimator on raw and on refined images and scores both on real ones, as ``simgan compare`` does.

    Args:
        run: folder of the trained run.
        synthetic: labelled synthetic images.
        real_test: labelled real images, not used in training.
        out: folder for the refined images and ``comparison.json``: new or empty.
        task, target: as in :func:`fit`; by default the run'"'"'s.
        seeds: estimators fitted on each side, at least 1.
        calibrate: as in :func:`evaluate`.
        augmented: fit under plain augmentation as well.
        both: fit on raw and refined images together as well.
        versions: fit on raw images and those of every checkpoint that the run kept as well.
        real_training: other labelled real images: fit on them as well, as an upper bound.
        config, set, on_bad_image, cache_dir, threads, on_progress: as in :func:`train`.

    Returns:
        What ``--json`` prints and ``comparison.json`` holds.

    Raises:
        SimganError: the exceptions of :mod:`simgan.errors`. Ctrl-C leaves no result.
    """
    arguments = {
        "task": task,
        "run": os.fspath(run),
        "synthetic": os.fspath(synthetic),
        "real_test": os.fspath(real_test),
        "out": os.fspath(out),
        "seeds": _at_least_one("seeds", seeds),
        "calibrate": calibrate,
        "augmented": augmented,
        "both": both,
        "versions": versions,
        "real_training": optional(real_training),
        "target": list(target),
        "settings": settings(config, set),
        "open": opening(on_bad_image, cache_dir),
    }
    return _simgan.compare(arguments, surroundings(threads, on_progress))


def judge(
    run: Path,
    *,
    synthetic: Path,
    real: Path,
    refined: Path | None = None,
    iris_model: Path | None = None,
    task_model: Path | None = None,
    iris_unit: float | None = None,
    seeds: int = 3,
    images: int = 1000,
    out: Path | None = None,
    on_bad_image: str = "fail",
    cache_dir: Path | None = None,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measures how far refining moves labels, and how well refined images can be told from real ones, as
    ``simgan judge`` does.

    Args:
        run: folder of the trained run, which keeps the judgement.
        synthetic: synthetic images.
        real: real images, not used in training.
        refined: refined versions of the synthetic images; ``None``: the run'"'"'s refiner makes them, in memory.
        iris_model: an estimator of iris positions or gaze: a second judge of label shifts.
        task_model: an estimator whose answers refining should not move; ``None``: that of the run, if it has one.
        iris_unit: pixels, of an image 55 wide, in one unit of the iris model'"'"'s labels.
        seeds: classifiers fitted on each side, at least 1.
        images: images of each kind at most; 0: all.
        out: folder for ``judgement.json``: new or empty.
        on_bad_image, cache_dir, threads, on_progress: as in :func:`train`.

    Returns:
        What ``--json`` prints.

    Raises:
        SimganError: the exceptions of :mod:`simgan.errors`. Ctrl-C leaves no result.
    """
    arguments = {
        "run": os.fspath(run),
        "synthetic": os.fspath(synthetic),
        "real": os.fspath(real),
        "refined": optional(refined),
        "iris_model": optional(iris_model),
        "task_model": optional(task_model),
        "iris_unit": iris_unit,
        "seeds": _at_least_one("seeds", seeds),
        "images": images,
        "out": optional(out),
        "open": opening(on_bad_image, cache_dir),
    }
    return _simgan.judge(arguments, surroundings(threads, on_progress))


def simulate(
    kind: str,
    count: int,
    *,
    seed: int = 0,
    start: int = 0,
    size: tuple[int, int] | None = None,
    config: Path | Mapping[str, Any] | None = None,
    set: Settings = (),
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Renders labelled images in memory: the pixels and labels that ``simgan simulate`` writes.

    Args:
        kind: ``"eyes"``, ``"camera"`` (eyes before a simulated webcam), ``"signs"``, ``"hands"`` or
            ``"depth-camera"`` (hands before a simulated depth camera).
        count: number of images, at least 1.
        seed: seed of every random choice; an image follows from configuration, seed and index.
        start: index of the first image.
        size: ``(width, height)`` in pixels; ``None``: the configuration'"'"'s.
        config, set: keys of the simulator, as in :func:`train`.
        threads, on_progress: as in :func:`train`.

    Returns:
        ``images``: ``uint8`` ``(count, height, width, 3)``, of depths ``uint16`` ``(count, height, width)`` in
            millimetres; ``names``: their paths in a folder; ``labels``: an array
        of ``count`` values for every column: ``int64`` or ``float64`` where every cell is such a number, else texts.

    Raises:
        ConfigError: there is no such simulator or key, or a value is wrong.
    """
    arguments = {
        "kind": kind,
        "count": _at_least_one("count", count),
        "seed": seed,
        "start": start,
        "size": None if size is None else list(size),
        "settings": settings(config, set),
    }
    made = _simgan.simulate(arguments, surroundings(threads, on_progress))
    made["labels"] = {name: _column(cells) for name, cells in made["labels"].items()}
    return made


def _column(cells: list[str]) -> np.ndarray:
    """Cells of a label table as numbers, where all of them are."""
    for number in (np.int64, np.float64):
        try:
            return np.array(cells, dtype=np.str_).astype(number)
        except (ValueError, OverflowError):
            pass
    return np.array(cells, dtype=np.str_)


def _at_least_one(name: str, value: int) -> int:
    if value < 1:
        raise ValueError(f"{name} is {value}, must be at least 1")
    return value
