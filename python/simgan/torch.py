"""Refined images for PyTorch: a data set, and the refiner as a module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from simgan._arguments import Path
from simgan._each import refine_each
from simgan._refiner import Refiner

__all__ = ["RefinedDataset", "load_refiner"]


class RefinedDataset(Dataset):
    """The items of a data set with their images refined; labels and order stay.

    An item of ``base`` is an image, a tuple or list with an image, or a dictionary with one. An image is a NumPy array or
    PIL image ``(H, W)`` or ``(H, W, C)``, or a tensor ``(C, H, W)`` or ``(H, W)``, ``uint8`` or ``float32`` from 0 to 1
    (see :meth:`simgan.Refiner.refine`); the refined one is of the same kind, and an array where it was a PIL image. Put
    normalization and augmentation behind this data set, not before it.

    Works in workers of a ``DataLoader``, forked or spawned. Images that it fetches together are refined together.

    Args:
        base: a data set with ``__getitem__`` and ``__len__``.
        run: folder of the run, or a :class:`simgan.Refiner`.
        image: place or key of the image in an item.
        checkpoint, average: as in :class:`simgan.Refiner`.
        threads: threads of each worker.

    Raises:
        SimganError: those of :class:`simgan.Refiner`.
    """

    def __init__(
        self,
        base: Any,
        run: Path | Refiner,
        *,
        image: int | str = 0,
        checkpoint: str | int = "latest",
        average: bool = True,
        threads: int = 1,
    ) -> None:
        self.base = base
        self.image = image
        is_open = isinstance(run, Refiner)
        self.refiner = run if is_open else Refiner(run, checkpoint, average=average, threads=threads)

    def __len__(self) -> int:
        return len(self.base)

    def __getitem__(self, index: int) -> Any:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """The items at ``indices``, which a ``DataLoader`` asks for together."""
        items = [self.base[index] for index in indices]
        images = [self._image(item) for item in items]
        refined = refine_each(self.refiner, [_as_array(image) for image in images])
        return [
            self._with_image(item, _like(image, array))
            for item, image, array in zip(items, images, refined)
        ]

    def _image(self, item: Any) -> Any:
        return item[self.image] if isinstance(item, (tuple, list, Mapping)) else item

    def _with_image(self, item: Any, image: Any) -> Any:
        if isinstance(item, Mapping):
            return {**item, self.image: image}
        if not isinstance(item, (tuple, list)):
            return image
        parts = list(item)
        parts[self.image] = image
        if hasattr(item, "_fields"):
            return type(item)(*parts)
        return type(item)(parts)


def _as_array(image: Any) -> np.ndarray:
    """An image with its channels last."""
    if not isinstance(image, torch.Tensor):
        return np.asarray(image)
    array = image.detach().cpu().numpy()
    return array.transpose(1, 2, 0) if array.ndim == 3 else array


def _like(image: Any, refined: np.ndarray) -> Any:
    """The refined image as a tensor, where the image was one."""
    if not isinstance(image, torch.Tensor):
        return refined
    array = refined.transpose(2, 0, 1) if refined.ndim == 3 else refined
    return torch.from_numpy(np.ascontiguousarray(array)).to(image.device)


def load_refiner(
    run: Path, checkpoint: str | int = "latest", *, average: bool = True
) -> torch.nn.Module:
    """The refiner of a run as a module, with its exposure and what holds its labelled points.

    It maps ``float32`` ``(N, C, H, W)`` in [-1, 1] to the same, differentiably, and refines other sizes than the run's
    as well. Images have to go through the run's preprocessing before. Its pixels agree with those of
    :class:`simgan.Refiner` to rounding, not to the bit.

    Args:
        run, checkpoint, average: as in :class:`simgan.Refiner`.

    Raises:
        SimganError: those of :class:`simgan.Refiner`.
    """
    from simgan import _torch_refiner

    refiner = Refiner(run, checkpoint, average=average)
    net = _torch_refiner.Refiner(**refiner.architecture())
    weights = {name: torch.from_numpy(array) for name, array in refiner.weights().items()}
    net.load_state_dict(weights)
    return net.eval()
