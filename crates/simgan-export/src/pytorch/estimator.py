"""An estimator that simgan has fitted, as a PyTorch module.

    import estimator
    net = estimator.load()        # or load("FOLDER")
    answers = net(images)         # from float32 [batch, channels, height, width] in [-1, 1]

It needs torch and safetensors. estimator.json says what images have to go through before
("preparation") and what the numbers are ("output"), MODEL_CARD.md where the weights come from.
samples.safetensors has images and what has to come out; `python estimator.py` compares.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2), "silu": nn.SiLU}


class Estimator(nn.Module):
    """The gaze network of SimGAN (Shrivastava et al., CVPR 2017, section 3.1), in label units."""

    def __init__(self, image_shape, feature_maps, hidden, outputs, activation, standardization):
        super().__init__()
        channels, height, width = image_shape
        a, b, c, d, e = feature_maps
        self.conv1 = nn.Conv2d(channels, a, 3)
        self.conv2 = nn.Conv2d(a, b, 3)
        self.conv3 = nn.Conv2d(b, c, 3)
        self.pool1 = nn.MaxPool2d(3, 2)
        self.conv4 = nn.Conv2d(c, d, 3)
        self.conv5 = nn.Conv2d(d, e, 3)
        self.pool2 = nn.MaxPool2d(2, 2)
        self.activation = ACTIVATIONS[activation]()
        with torch.no_grad():
            flat = self.convolutions(torch.zeros(1, channels, height, width)).shape[1]
        self.fc1, self.fc2 = nn.Linear(flat, hidden), nn.Linear(hidden, outputs)
        for name in ("mean", "scale"):
            self.register_buffer(name, torch.tensor(standardization[name]), persistent=False)

    def convolutions(self, x):
        for layer in (self.conv1, self.conv2, self.conv3):
            x = self.activation(layer(x))
        x = self.pool1(x)
        for layer in (self.conv4, self.conv5):
            x = self.activation(layer(x))
        return self.pool2(x).flatten(1)

    def forward(self, images):
        x = self.activation(self.fc1(self.convolutions(images)))
        return self.fc2(x) * self.scale + self.mean


def load(folder=Path(__file__).parent):
    """The estimator of `folder`, on the CPU, ready to answer (`eval`)."""
    folder = Path(folder)
    description = json.loads((folder / "estimator.json").read_text(encoding="utf-8"))
    net = Estimator(**description["architecture"])
    weights = load_file(folder / "estimator.safetensors")
    for name in ("fc1.weight", "fc2.weight"):  # PyTorch keeps them as [outputs, inputs]
        weights[name] = weights[name].T
    net.load_state_dict(weights)
    return net.eval()


if __name__ == "__main__":
    samples = load_file(Path(__file__).parent / "samples.safetensors")
    images = samples.pop("image")
    (expected,) = samples.values()
    with torch.no_grad():
        difference = (load()(images) - expected).abs().max().item()
    print(f"{len(images)} samples, largest difference {difference:.1e}")
