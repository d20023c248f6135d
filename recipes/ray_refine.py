"""Refines a data set in a Ray cluster: folder or WebDataset -> simgan.ray.Refine -> WebDataset.

    pip install simgan "ray[data]" pillow
    python recipes/ray_refine.py --run RUN --input SYNTHETIC --output REFINED --workers 8

SYNTHETIC is a folder with images and a labels.csv (column `file`), or one of .tar files with images and .json labels.
REFINED gets .tar files in which KEY.png is followed by KEY.json. Run, input and output have to be on storage that all
machines see. A worker that dies is replaced and its images are refined by another; every sample is written once, and which
worker refined it makes no difference to a byte. At the end the samples are counted.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import ray
import ray.data
from PIL import Image

import simgan.ray

IMAGES = {".png", ".jpg", ".jpeg", ".bmp"}


def samples(source: Path) -> list[dict]:
    """Where every sample's image and labels lie: read by the workers, not here."""
    source = Path(source)
    tars = sorted(source.glob("*.tar"))
    found = list(_in_tars(tars)) if tars else list(_in_folder(source))
    keys = [sample["key"] for sample in found]
    if not found or len(set(keys)) < len(keys):
        raise SystemExit(f"{source}: no samples, or two of one key")
    return found


def _in_folder(folder: Path) -> Iterator[dict]:
    """Rows of labels.csv; cells stay as they are written, but for what is a number in JSON."""
    with open(folder / "labels.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = row.pop("file")
            labels = json.dumps({column: _number(cell) for column, cell in row.items()})
            key = Path(name).with_suffix("").as_posix()
            yield {"key": key, "path": str(folder / name), "offset": 0, "size": -1, "labels": labels}


def _in_tars(tars: Iterable[Path]) -> Iterator[dict]:
    """Images with the labels that stand beside them; images are read at their offsets."""
    for path in tars:
        images, labels = {}, {}
        with tarfile.open(path) as tar:
            for member in tar:
                name = Path(member.name)
                key = name.with_suffix("").as_posix()
                if name.suffix.lower() in IMAGES:
                    images[key] = (member.offset_data, member.size)
                elif name.suffix == ".json":
                    labels[key] = tar.extractfile(member).read().decode()
        for key, (offset, size) in images.items():
            if key not in labels:
                raise SystemExit(f"{path}: {key} has no labels")
            yield {"key": key, "path": str(path), "offset": offset, "size": size, "labels": labels[key]}


def _number(cell: str) -> int | float | str:
    for kind in (int, float):
        try:
            number = kind(cell)
        except ValueError:
            continue
        if np.isfinite(number) and str(number) == cell:
            return number
    return cell


def decoded(data: bytes) -> np.ndarray:
    """Levels of an image file: (H, W, 1) or (H, W, 3)."""
    image = Image.open(io.BytesIO(data))
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    return np.atleast_3d(np.asarray(image))


def encoded(image: np.ndarray) -> bytes:
    """A PNG file."""
    data = io.BytesIO()
    Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image).save(data, format="PNG")
    return data.getvalue()


def read(sample: dict) -> dict:
    """A sample with its image."""
    with open(sample["path"], "rb") as file:
        file.seek(sample["offset"])
        image = decoded(file.read(sample["size"]))
    return {"key": sample["key"], "labels": sample["labels"], "image": image}


def webdataset(sample: dict) -> dict:
    """A sample as a WebDataset writer takes it."""
    return {"__key__": sample["key"], "png": encoded(sample["image"]), "json": sample["labels"].encode()}


def refine_all(source, output, *, workers: int, batch_size: int, rows: int, refine) -> int:
    """Refines every sample of `source` into tar files below `output`; returns how many there are.

    `refine` is the callable class and its arguments. Samples are handed out in blocks of `rows`, and a tar file has at
    least as many.
    """
    found = samples(source)
    output = Path(output)
    if output.exists() and any(output.iterdir()):
        raise SystemExit(f"{output} is not empty: give --output a new folder")
    worker, arguments = refine
    data = (
        ray.data.from_items(found, override_num_blocks=-(-len(found) // rows))
        .map(read)
        .map_batches(
            worker,
            fn_constructor_kwargs=arguments,
            batch_size=batch_size,
            compute=ray.data.ActorPoolStrategy(size=workers),
            num_cpus=arguments.get("threads", 1),
        )
        .map(webdataset)
    )
    # Samples are bytes already.
    data.write_webdataset(str(output), min_rows_per_file=rows, encoder=None)
    check(output, {sample["key"] for sample in found})
    return len(found)


def check(output: Path, keys: set[str]) -> None:
    """Every sample is there once, with image and labels."""
    seen: dict[str, set[str]] = {}
    for path in sorted(Path(output).glob("*.tar")):
        with tarfile.open(path) as tar:
            for name in tar.getnames():
                key, ending = name.rsplit(".", 1)
                if ending in seen.setdefault(key, set()):
                    raise SystemExit(f"{output}: {name} comes twice")
                seen[key].add(ending)
    if seen != {key: {"png", "json"} for key in keys}:
        raise SystemExit(f"{output}: {len(seen)} of {len(keys)} samples, or parts of some are missing")


def write_shards(found: list[dict], output: Path, size: int) -> None:
    """Samples as .tar files of `size` samples, as they are."""
    Path(output).mkdir(parents=True)
    for number, start in enumerate(range(0, len(found), size)):
        with tarfile.open(Path(output) / f"{number:06}.tar", "w") as tar:
            for sample in found[start : start + size]:
                row = webdataset(read(sample))
                for ending in ("png", "json"):
                    member = tarfile.TarInfo(f"{row['__key__']}.{ending}")
                    member.size = len(row[ending])
                    tar.addfile(member, io.BytesIO(row[ending]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Refine a data set in a Ray cluster")
    parser.add_argument("--run", required=True, help="folder of the trained run")
    parser.add_argument("--input", required=True, help="folder of images and labels.csv, or of .tar files")
    parser.add_argument("--output", required=True, help="new folder for .tar files")
    parser.add_argument("--checkpoint", default="latest", help="iteration, `best` or `latest`")
    parser.add_argument("--workers", type=int, default=2, help="processes that refine")
    parser.add_argument("--threads", type=int, default=1, help="threads, and CPUs asked for, of each")
    parser.add_argument("--batch-size", type=int, default=64, help="images refined together")
    parser.add_argument("--images-per-tar", type=int, default=1000, help="at least as many in a .tar file, but the last")
    arguments = parser.parse_args()
    # The iteration is settled once: workers that begin later must not find a newer one.
    refiner = simgan.Refiner(arguments.run, arguments.checkpoint, threads=1)
    options = {"run": str(refiner.run), "checkpoint": refiner.step, "threads": arguments.threads}
    refined = refine_all(
        arguments.input,
        arguments.output,
        workers=arguments.workers,
        batch_size=arguments.batch_size,
        rows=arguments.images_per_tar,
        refine=(simgan.ray.Refine, options),
    )
    print(f"{refined} samples in {arguments.output}")


if __name__ == "__main__":
    main()
