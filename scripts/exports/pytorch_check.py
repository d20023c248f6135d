"""Loads exported PyTorch modules as a user would and compares with the samples beside them; refiners
also with their ONNX models on images of sizes that nobody has trained on.

    pytorch_check.py FOLDER_OF_PYTORCH_EXPORTS FOLDER_OF_ONNX_EXPORTS
"""

import importlib.util
import sys
from pathlib import Path

import onnxruntime
import torch
from safetensors.torch import load_file

LIMIT = 1e-5
SHAPES = ((1, 19, 23), (3, 64, 48), (2, 35, 55))


def load(folder):
    (file,) = folder.glob("*.py")
    spec = importlib.util.spec_from_file_location(folder.name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load(folder)


def check(folder, onnx):
    net, tensors = load(folder), load_file(folder / "samples.safetensors")
    images = tensors.pop("image")
    (expected,) = tensors.values()
    scale = max(1.0, expected.abs().max().item())
    difference = ((net(images) - expected).abs().max() / scale).item()
    assert difference <= LIMIT, f"{folder}: {difference}"
    print(f"{folder.name}: {len(images)} images, largest difference {difference:.1e}")
    if (onnx / "refiner.onnx").exists():
        check_sizes(net, onnx, images.shape[1])


def check_sizes(net, onnx, channels):
    file, providers = onnx / "refiner.onnx", ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(file, providers=providers)
    generator = torch.Generator().manual_seed(0)
    for batch, height, width in SHAPES:
        images = torch.rand(batch, channels, height, width, generator=generator) * 2 - 1
        (refined,) = session.run(None, {"image": images.numpy()})
        difference = (net(images) - torch.from_numpy(refined)).abs().max().item()
        assert difference <= LIMIT, f"{onnx}: {difference} at {batch} x {width} x {height}"


def main():
    exports, onnx = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    with torch.no_grad():
        folders = sorted(exports.iterdir())
        assert folders, exports
        for folder in folders:
            check(folder, onnx / folder.name)


if __name__ == "__main__":
    main()
