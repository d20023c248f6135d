"""Exceptions, one for every exit code of the ``simgan`` command, of the same sentences and hints.

Hints name options of the command: ``--out`` is the argument ``out``, ``--set`` the argument ``set``.
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "DataError",
    "InputOutputError",
    "InternalError",
    "ModelError",
    "SimganError",
    "TrainingError",
    "UsageError",
]


class SimganError(Exception):
    """What simgan refuses or fails to do.

    Attributes:
        message: one sentence: what is wrong, with which file or key.
        hint: what to do about it, or ``None``.
        exit_code: that of the command for errors of this kind.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\nhint: {hint}")
        self.message = message
        self.hint = hint

    def __reduce__(self):
        return type(self), (self.message, self.hint)


class InternalError(SimganError):
    """A fault of simgan itself."""


class UsageError(SimganError):
    """A call that makes sense nowhere, or not in this state."""

    exit_code = 2


class ConfigError(SimganError):
    """A configuration key or value is wrong."""

    exit_code = 3


class DataError(SimganError):
    """Images or labels are missing, empty, malformed or of another shape."""

    exit_code = 4


class ModelError(SimganError):
    """A run, checkpoint or model cannot be used."""

    exit_code = 5


class TrainingError(SimganError):
    """A training cannot go on."""

    exit_code = 6


class InputOutputError(SimganError):
    """The operating system refused: a path is missing, a disk is full."""

    exit_code = 7
