"""Arguments as the extension module takes them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Union

Path = Union[str, "os.PathLike[str]"]
Settings = Union[Mapping[str, Any], Iterable[str]]
OnProgress = Callable[[dict[str, Any]], Any]


def optional(path: Path | None) -> str | None:
    """A path or source as text."""
    return None if path is None else os.fspath(path)


def settings(config: Path | Mapping[str, Any] | None, set: Settings) -> dict[str, Any]:
    """A configuration, by file, by name or by its keys, and keys that are set."""
    if isinstance(config, Mapping):
        return {"config": None, "set": [*_assignments(config), *_assignments(set)]}
    return {"config": optional(config), "set": _assignments(set)}


def opening(on_bad_image: str, cache_dir: Path | None) -> dict[str, Any]:
    """How images are opened."""
    return {"on_bad_image": on_bad_image, "cache_dir": optional(cache_dir)}


def surroundings(threads: int | None, on_progress: OnProgress | None) -> dict[str, Any]:
    """What every function takes."""
    if threads is not None and threads < 1:
        raise ValueError(f"threads is {threads}, must be at least 1")
    return {"threads": threads, "on_progress": on_progress}


def _assignments(set: Settings) -> list[str]:
    """``KEY=VALUE`` of every key, those of tables within tables with dots."""
    if isinstance(set, str):
        raise TypeError("set is one text; give a mapping of keys to values, or a list of KEY=VALUE")
    if not isinstance(set, Mapping):
        return list(set)
    assignments = []
    for key, value in set.items():
        if isinstance(value, Mapping):
            assignments += [f"{key}.{inner}" for inner in _assignments(value)]
        else:
            # What JSON writes of numbers, texts, truth values and lists of them is TOML as well.
            assignments.append(f"{key}={json.dumps(value)}")
    return assignments
