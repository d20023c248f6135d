"""A refiner that simgan has trained, as a PyTorch module.

    import refiner
    net = refiner.load()          # or load("FOLDER")
    refined = net(images)         # both: float32 [batch, channels, height, width] in [-1, 1]

It needs torch and safetensors. refiner.json says what images have to go through before
("preparation"), MODEL_CARD.md where the weights come from and what they are good for.
samples.safetensors has images and what has to come out; `python refiner.py` compares.
"""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2), "silu": nn.SiLU}
TINY = torch.finfo(torch.float32).tiny


def convolution(inputs, outputs, kernel, stride=1):
    """A convolution that keeps the size at a stride of 1."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)


class ResidualBlock(nn.Module):
    """Convolution, activation, convolution, add the input, activation (SimGAN, Fig. 6)."""

    def __init__(self, maps, kernel, activation):
        super().__init__()
        self.convolution_1 = convolution(maps, maps, kernel)
        self.convolution_2 = convolution(maps, maps, kernel)
        self.activation = activation

    def forward(self, x):
        hidden = self.activation(self.convolution_1(x))
        return self.activation(self.convolution_2(hidden) + x)


class Exposure(nn.Module):
    """Gives an image the mean and the contrast of the real image of its rank."""

    def __init__(self, knots, tiny):
        super().__init__()
        self.tiny = tiny
        # Row 0: quantiles of means; row 1: of standard deviations.
        self.register_buffer("synthetic", torch.zeros(2, knots))
        self.register_buffer("real", torch.zeros(2, knots))

    def real_value(self, row, values):
        """Linear between the quantiles, level beyond them."""
        synthetic, real = self.synthetic[row], self.real[row]
        way = (values.reshape(-1, 1) - synthetic[:-1]) / synthetic.diff()
        value = (way.clamp(0, 1) * real.diff()).sum(1) + real[0]
        return value.reshape(-1, 1, 1, 1)

    def forward(self, images):
        mean = images.mean((1, 2, 3), keepdim=True)
        centred = images - mean
        contrast = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
        gain = self.real_value(1, contrast) / (contrast + self.tiny)
        return (centred * gain + self.real_value(0, mean)).clamp(-1, 1)


class Hold(nn.Module):
    """Around the points that its network finds, lets refining change mean and contrast alone."""

    def __init__(self, layers, radius, largest_slope):
        super().__init__()
        *hidden, output = layers
        self.hidden = nn.ModuleList(convolution(*layer) for layer in hidden)
        self.output = convolution(*output)
        self.radius, self.largest_slope = radius, largest_slope

    def places(self, images):
        """Row and column of every point, [batch, points, 1, 1] each: where its heat map lies."""
        x = images
        for layer in self.hidden:
            x = torch.relu(layer(x))
        mass = torch.relu(self.output(x)).square()
        rows, columns = (2.0 * torch.arange(side, device=x.device) for side in mass.shape[2:])
        whole = mass.sum((2, 3), keepdim=True).clamp_min(TINY)
        row = (mass * rows[:, None]).sum((2, 3), keepdim=True) / whole
        column = (mass * columns).sum((2, 3), keepdim=True) / whole
        return row, column

    def discs(self, images):
        """How firmly every point holds every pixel, 0 to 1: [batch, points, height, width]."""
        row, column = self.places(images)
        height, width = images.shape[2:]
        rows = torch.arange(height, device=images.device)[:, None]
        columns = torch.arange(width, device=images.device)
        distance = ((rows - row).square() + (columns - column).square()).sqrt()
        way = (distance / self.radius - 1).clamp(0, 1)
        return 0.5 + 0.5 * torch.cos(math.pi * way)

    def forward(self, synthetic, refined):
        discs = self.discs(synthetic)
        weights = discs[:, :, None]
        whole = weights.sum((3, 4), keepdim=True).clamp_min(TINY)

        def moments(images):
            mean = (images * weights).sum((3, 4), keepdim=True) / whole
            variance = ((images - mean).square() * weights).sum((3, 4), keepdim=True) / whole
            return mean, variance.sqrt()

        images = synthetic[:, None]
        (mean, contrast), (new_mean, new_contrast) = moments(images), moments(refined[:, None])
        slope = (new_contrast / contrast.clamp_min(TINY)).clamp_max(self.largest_slope)
        mapped = slope * images + (new_mean - slope * mean)
        # Where discs overlap their maps are mixed.
        still = (weights * mapped).sum(1) / discs.sum(1, keepdim=True).clamp_min(TINY)
        firmness = discs.amax(1, keepdim=True)
        return refined + (still.clamp(-1, 1) - refined) * firmness


class Refiner(nn.Module):
    """The refiner R of SimGAN (Shrivastava et al., CVPR 2017, section 3.1)."""

    def __init__(self, channels, refiner, exposure=None, hold=None):
        super().__init__()
        maps = refiner["feature_maps"]
        self.activation = ACTIVATIONS[refiner["activation"]]()
        self.input = convolution(channels, maps, refiner["kernel_size"])
        self.blocks = nn.ModuleList(
            ResidualBlock(maps, refiner["block_kernel_size"], self.activation)
            for _ in range(refiner["blocks"])
        )
        self.output = convolution(maps, channels, 1)
        self.makes_residual = refiner["output"] == "residual"
        self.exposure = Exposure(**exposure) if exposure else None
        self.hold = Hold(**hold) if hold else None

    def forward(self, images):
        if self.exposure is not None:
            images = self.exposure(images)
        x = self.activation(self.input(images))
        for block in self.blocks:
            x = block(x)
        refined = torch.tanh(self.output(x))
        if self.makes_residual:  # the image, moved towards white or black
            refined = images * (1 - refined.abs()) + refined
        return refined if self.hold is None else self.hold(images, refined)


def load(folder=Path(__file__).parent):
    """The refiner of `folder`, on the CPU, ready to refine (`eval`)."""
    folder = Path(folder)
    description = json.loads((folder / "refiner.json").read_text(encoding="utf-8"))
    net = Refiner(**description["architecture"])
    net.load_state_dict(load_file(folder / "refiner.safetensors"))
    return net.eval()


if __name__ == "__main__":
    samples = load_file(Path(__file__).parent / "samples.safetensors")
    with torch.no_grad():
        difference = (load()(samples["image"]) - samples["refined"]).abs().max().item()
    print(f"{len(samples['image'])} samples, largest difference {difference:.1e}")
