"""Refining in a cluster with Ray Data: ``dataset.map_batches(simgan.ray.Refine, ...)``.

>>> images = ray.data.read_images("SYNTHETIC", include_paths=True)
>>> refined = images.map_batches(
...     simgan.ray.Refine, fn_constructor_kwargs={"run": "RUN"}, batch_size=64,
...     compute=ray.data.ActorPoolStrategy(size=8))

``recipes/ray_refine.py`` of the repository does so with labels and WebDataset. This module needs no Ray itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simgan._arguments import Path
from simgan._each import refine_each
from simgan._refiner import Refiner

__all__ = ["Refine"]


class Refine:
    """Refines the images of batches, as a callable class of ``map_batches``: each worker opens the run once.

    All other columns (labels, names) and the order of rows stay as they are. Which worker refines an image, and with
    which others, makes no difference to a pixel.

    Args:
        run: folder of the run, in the same place on every machine.
        column: column of the images: an array ``(N, H, W)`` or ``(N, H, W, C)``, or objects ``(H, W)`` or ``(H, W, C)``.
        output: column of the refined images; ``None``: in place of the images.
        checkpoint, average: as in :class:`simgan.Refiner`. Name an iteration where the run may still be trained.
        threads: threads of a worker; ask Ray for as many CPUs (``num_cpus``).
    """

    def __init__(
        self,
        run: Path,
        *,
        column: str = "image",
        output: str | None = None,
        checkpoint: str | int = "latest",
        average: bool = True,
        threads: int = 1,
    ) -> None:
        self.refiner = Refiner(run, checkpoint, average=average, threads=threads)
        self.column = column
        self.output = output or column

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, Any]:
        """The batch with refined images.

        Raises:
            KeyError: there is no such column.
            DataError: those of :meth:`simgan.Refiner.refine`.
        """
        images = batch[self.column]
        if images.dtype == object:
            refined = np.empty(len(images), dtype=object)
            refined[:] = refine_each(self.refiner, [np.asarray(image) for image in images])
        else:
            refined = self.refiner.refine(images)
        return {**batch, self.output: refined}
