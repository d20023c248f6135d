"""Simulated + unsupervised learning (SimGAN): make labelled synthetic images look real, and keep the labels.

>>> import simgan
>>> refiner = simgan.Refiner("RUN")        # a run that `simgan train` or simgan.train made
>>> refined = refiner.refine(images)       # uint8 (N, H, W) or (N, H, W, C): same order, same dtype

Log records go to the logger ``simgan``: warnings with level WARNING, the rest with INFO.
"""

from simgan._refiner import Refiner
from simgan._simgan import __version__
from simgan._workflows import compare, evaluate, fit, judge, simulate, train
from simgan.errors import (
    ConfigError,
    DataError,
    InputOutputError,
    InternalError,
    ModelError,
    SimganError,
    TrainingError,
    UsageError,
)

__all__ = [
    "ConfigError",
    "DataError",
    "InputOutputError",
    "InternalError",
    "ModelError",
    "Refiner",
    "SimganError",
    "TrainingError",
    "UsageError",
    "__version__",
    "compare",
    "evaluate",
    "fit",
    "judge",
    "simulate",
    "train",
]
