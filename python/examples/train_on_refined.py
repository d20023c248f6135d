"""Ten lines of simgan, then a training loop of PyTorch on refined images.

    pip install simgan torch
    python train_on_refined.py                 # simulated eyes, a small run: a minute on two cores
    python train_on_refined.py RUN             # with a run that `simgan train` made of eyes
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import simgan
import simgan.torch


class Eyes(Dataset):
    """Simulated eyes and their gaze: what you have images and labels of."""

    def __init__(self, count: int, seed: int) -> None:
        made = simgan.simulate("eyes", count, seed=seed, size=(55, 35))
        self.images = made["images"]
        gaze = [made["labels"]["gaze_pitch"], made["labels"]["gaze_yaw"]]
        self.gaze = np.stack(gaze, axis=1).astype(np.float32)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self.images[index], self.gaze[index]


def small_run(out: Path) -> Path:
    """A refiner of a few iterations: enough to show how, too few to look real."""
    settings = {"training.steps": 20, "training.refiner_warmup": 20, "training.discriminator_warmup": 10}
    settings |= {"refiner.feature_maps": 8, "refiner.blocks": 1, "keypoints.points": [], "task_consistency.watch": False}
    simgan.train("gaze", synthetic="sim:eyes?count=500", real="sim:camera?count=500", out=out, set=settings)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", help="folder of a run [default: a small one is trained]")
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        run = arguments.run or small_run(Path(folder) / "run")
        refined = simgan.torch.RefinedDataset(Eyes(arguments.images, seed=1), run)
        loader = DataLoader(refined, batch_size=32, shuffle=True, num_workers=arguments.workers)

        net = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2), nn.ReLU(), nn.Conv2d(16, 32, 5, stride=2), nn.ReLU(), nn.Flatten(),
            nn.LazyLinear(64), nn.ReLU(), nn.Linear(64, 2),
        )  # fmt: skip
        net(torch.zeros(1, 1, 35, 55))
        optimizer = torch.optim.Adam(net.parameters(), 1e-3)
        for epoch in range(arguments.epochs):
            losses = []
            for images, gaze in loader:
                images = images.permute(0, 3, 1, 2).float() / 127.5 - 1
                loss = nn.functional.mse_loss(net(images), gaze)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            print(f"epoch {epoch}: mean squared error {np.mean(losses):.4f} rad^2", flush=True)


if __name__ == "__main__":
    main()
