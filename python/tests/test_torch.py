"""Refined images in PyTorch."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simgan

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
simgan_torch = pytest.importorskip("simgan.torch")


class Eyes(torch.utils.data.Dataset):
    """Images in one of the kinds that data sets give, with their numbers."""

    def __init__(self, images, kind):
        self.images, self.kind = images, kind

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index]
        if self.kind == "array":
            return image
        if self.kind == "pair":
            return torch.from_numpy(image.transpose(2, 0, 1).copy()), index
        return {"id": index, "eye": torch.from_numpy(image[..., 0].astype(np.float32) / 255)}


@pytest.fixture(scope="module")
def refined(run, eyes):
    return simgan.Refiner(run).refine(eyes["images"])


def test_items_keep_their_kind(run, eyes, refined):
    arrays = simgan_torch.RefinedDataset(Eyes(eyes["images"], "array"), run)
    assert len(arrays) == 24
    np.testing.assert_array_equal(arrays[3], refined[3])
    pairs = simgan_torch.RefinedDataset(Eyes(eyes["images"], "pair"), simgan.Refiner(run))
    image, index = pairs[5]
    assert index == 5 and image.dtype == torch.uint8 and image.shape == (1, 35, 55)
    np.testing.assert_array_equal(image.numpy()[0], refined[5, ..., 0])
    dicts = simgan_torch.RefinedDataset(Eyes(eyes["images"], "dict"), run, image="eye")
    item = dicts[7]
    assert item["id"] == 7 and item["eye"].dtype == torch.float32
    alone = simgan.Refiner(run).refine(eyes["images"][7:8, ..., 0])[0]
    assert np.abs(item["eye"].numpy() * 255 - alone).max() <= 0.501


@pytest.mark.parametrize("context", [None, "fork", "spawn"])
def test_loaders_give_every_item_once(run, eyes, refined, context):
    data = simgan_torch.RefinedDataset(Eyes(eyes["images"], "pair"), run)
    workers = {"num_workers": 2, "multiprocessing_context": context} if context else {}
    loader = torch.utils.data.DataLoader(data, batch_size=5, shuffle=True, **workers)
    seen = {}
    for images, indices in loader:
        seen.update(zip(indices.tolist(), images.numpy()))
    assert sorted(seen) == list(range(24))
    for index, image in seen.items():
        np.testing.assert_array_equal(image[0], refined[index, ..., 0])
    assert len(pickle.loads(pickle.dumps(data))) == 24


@pytest.mark.parametrize("kind", ["run", "held_run"])
def test_the_module_refines_alike(request, kind, eyes):
    run = request.getfixturevalue(kind)
    net = simgan_torch.load_refiner(run)
    grey = simgan.Refiner(run, threads=1)
    levels = eyes["images"][..., 1]
    expected = grey.refine(levels.astype(np.float32) / 255)
    images = torch.from_numpy(levels.astype(np.float32))[:, None] / 127.5 - 1
    images.requires_grad_()
    refined = net(images)
    assert np.abs((refined.detach().numpy()[:, 0] + 1) / 2 - expected).max() < 1e-4
    refined.sum().backward()
    assert images.grad.abs().sum() > 0


def test_the_example_learns(run):
    example = Path(__file__).parents[1] / "examples" / "train_on_refined.py"
    words = [sys.executable, str(example), str(run), "--images", "320", "--epochs", "10"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    losses = [float(line.split()[5]) for line in done.stdout.splitlines() if line.startswith("epoch")]
    assert len(losses) == 10 and losses[-1] < 0.8 * losses[0], done.stdout
