"""Images of several sizes, refined together where they are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simgan._refiner import Refiner


def refine_each(refiner: Refiner, images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Refines images ``(H, W)`` or ``(H, W, C)``; those of one shape and dtype go through the net together.

    Raises:
        DataError: those of :meth:`Refiner.refine`.
    """
    alike: dict[Any, list[int]] = {}
    for place, image in enumerate(images):
        alike.setdefault((image.shape, image.dtype.str), []).append(place)
    refined: list[Any] = [None] * len(images)
    for places in alike.values():
        together = refiner.refine(np.stack([images[place] for place in places]))
        for place, image in zip(places, together):
            refined[place] = image
    return refined
