"""A trained refiner, for images in memory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from simgan import _simgan
from simgan.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Path = str | os.PathLike[str]


class Refiner(_simgan.Refiner):
    """The refiner of a run: makes synthetic images look real, and leaves them in order.

    The hashes of the checkpoint are verified while it is opened, as the command does. An object may be used by many
    threads at once, pickled (by the folder of the run and the checkpoint, whose weights must be the same where it is
    unpickled), and used after a fork: threads are started anew in each process, when they are first needed. Only do
    not fork while another thread is inside of a call.

    Args:
        run: folder of the run.
        checkpoint: ``"latest"`` (the newest whose hashes are right), ``"best"`` or an iteration.
        average: take the moving average of the weights where the checkpoint has one, as the command does.
        threads: threads to compute with; ``None``: one a core. The result does not depend on it.

    Raises:
        InputOutputError: there is no such folder.
        ModelError: it is no run, or the checkpoint is missing or damaged.
        ConfigError: ``checkpoint`` is none of these.
    """

    def __new__(
        cls,
        run: Path,
        checkpoint: str | int = "latest",
        *,
        average: bool = True,
        threads: int | None = None,
    ) -> Refiner:
        if threads is not None and threads < 1:
            raise ValueError(f"threads is {threads}, must be at least 1")
        return super().__new__(cls, os.fspath(run), str(checkpoint), average, threads)

    def __init__(
        self,
        run: Path,
        checkpoint: str | int = "latest",
        *,
        average: bool = True,
        threads: int | None = None,
    ) -> None:
        pass

    def refine(self, images: NDArray[Any], *, preprocessed: bool = False) -> NDArray[Any]:
        """Refines images.

        Args:
            images: ``(N, H, W)`` grey or ``(N, H, W, C)`` with 1 (grey) or 3 (RGB) channels, in any layout of memory.
                ``uint8`` are levels, 0 to 255. Images of any size are cropped, resized, turned to grey or equalized as
                ``simgan refine`` does, and the result has the very bytes that it writes for such images as PNG.
                ``float32`` are fractions, 0 to 1, of the size and channels of :attr:`image_shape`; nothing is rounded.
            preprocessed: the images have been through the run'"'"'s preprocessing: they go in as they are.

        Returns:
            As many images in the same order, of the same dtype: ``(N, h, w)`` or ``(N, h, w, c)`` for the ``(h, w, c)``
            of :attr:`image_shape`. An axis of channels is kept, and made where grey images become colour.

        Raises:
            DataError: another dtype, shape or size, values outside of 0 to 1, or a crop that leaves the image.

        Labels are not needed: where the run holds labelled points, a small network of its own finds them, as it does
        for the command. Other threads run meanwhile. Ctrl-C ends it between parts of some thousand images.
        """
        return super().refine(images, preprocessed)

    def __reduce__(self):
        return _restored, (type(self), str(self.run), self.step, self.average, self.threads, self.sha256)


def _restored(cls, run, step, average, threads, sha256):
    """The refiner that was pickled, unless the run has been trained anew since."""
    refiner = cls(run, step, average=average, threads=threads)
    if refiner.sha256 != sha256:
        raise ModelError(
            f"{run} has other weights at iteration {step} than the refiner that was pickled",
            "use the folder of the very run everywhere, or pickle the refiner again",
        )
    return refiner
