"""Runs exported ONNX models in onnxruntime and compares with the samples beside them.

    onnxruntime_check.py FOLDER_OF_EXPORTS --refined EXPORT REFINED_SET

The images of REFINED_SET are those of EXPORT's samples, refined by simgan: their bytes have to be
onnxruntime's results, rounded.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from PIL import Image
from safetensors.numpy import load_file

LIMIT = 1e-5
BATCHES = (1, 7, 100)


def run(session, images, batch):
    (port,) = session.get_inputs()
    parts = [images[start : start + batch] for start in range(0, len(images), batch)]
    return np.concatenate([session.run(None, {port.name: part})[0] for part in parts])


def samples_of(folder):
    tensors = load_file(folder / "samples.safetensors")
    images = tensors.pop("image")
    ((name, expected),) = tensors.items()
    return images, name, expected


def session_of(folder):
    (file,) = folder.glob("*.onnx")
    onnx.checker.check_model(file, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def check(folder):
    session, (images, name, expected) = session_of(folder), samples_of(folder)
    (output,) = session.get_outputs()
    assert output.name == name, (output.name, name)
    # In label units numbers may be large: then the limit is relative.
    scale = max(1.0, float(np.abs(expected).max()))
    runs = [run(session, images, batch) for batch in BATCHES]
    largest = max(float(np.abs(result - expected).max()) for result in runs) / scale
    assert largest <= LIMIT, f"{folder}: {largest}"
    metadata = session.get_modelmeta().custom_metadata_map
    assert len(metadata["weights_sha256"]) == 64, metadata
    channels = json.loads(metadata["input"])["shape"][0]
    assert channels == images.shape[1], metadata["input"]
    print(f"{folder.name}: {len(images)} images, largest difference {largest:.1e}")


def check_pixels(folder, refined):
    """Rounded results against bytes: equal, but where a value is within the limit of a half."""
    images, _, _ = samples_of(folder)
    levels = (run(session_of(folder), images, 10) + 1) * 127.5
    files = sorted(refined.rglob("*.png"))
    assert len(files) == len(images), (len(files), len(images))
    pixels = np.stack([np.asarray(Image.open(file)) for file in files])[:, None]
    rounded = np.floor(levels + 0.5).clip(0, 255).astype(np.uint8)
    differ = rounded != pixels
    on_a_half = np.abs(levels - np.floor(levels) - 0.5) < 127.5 * LIMIT
    assert not (differ & ~on_a_half).any(), "pixels differ that are not between two levels"
    print(f"{refined.name}: {differ.sum()} of {differ.size} pixels differ, by one level")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("exports", type=Path)
    parser.add_argument("--refined", type=Path, nargs=2, required=True)
    arguments = parser.parse_args()
    folders = sorted(arguments.exports.iterdir())
    assert folders, arguments.exports
    for folder in folders:
        check(folder)
    check_pixels(*arguments.refined)


if __name__ == "__main__":
    main()
