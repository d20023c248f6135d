#!/usr/bin/env python3
"""Writes the numbers that crates/simgan/tests/golden.rs compares with, made by PyTorch.

    pip install torch==2.13.0 numpy safetensors
    python scripts/golden.py crates/simgan/tests/golden

One file a case: small nets of the paper's kind with a smooth activation (SiLU), so that no ReLU near zero
can flip between programs; their weights, the images, and what PyTorch makes of them: outputs, losses, all
gradients, and weights and losses of ten iterations of Algorithm 1 (K_g = 2, K_d = 1, no history; each
side has exactly one mini-batch of images, so their order does not matter).
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

HEIGHT, WIDTH, BATCH, LAMBDA = 11, 13, 4, 0.7


class ResidualBlock(nn.Module):
    def __init__(self, maps):
        super().__init__()
        self.convolution_1 = nn.Conv2d(maps, maps, 3, padding=1)
        self.convolution_2 = nn.Conv2d(maps, maps, 3, padding=1)

    def forward(self, x):
        return F.silu(self.convolution_2(F.silu(self.convolution_1(x))) + x)


class Refiner(nn.Module):
    def __init__(self, channels, maps=6, blocks=2):
        super().__init__()
        self.input = nn.Conv2d(channels, maps, 3, padding=1)
        self.blocks = nn.ModuleList(ResidualBlock(maps) for _ in range(blocks))
        self.output = nn.Conv2d(maps, channels, 1)

    def forward(self, x):
        x = F.silu(self.input(x))
        for block in self.blocks:
            x = block(x)
        return torch.tanh(self.output(x))


class Discriminator(nn.Module):
    """conv3x3 s2, conv3x3 s2, max-pool 3x3 s1, conv3x3, conv1x1, then two outputs a patch or an image."""

    def __init__(self, channels, scope):
        super().__init__()
        sizes = [(channels, 8, 3, 2), (8, 6, 3, 2), None, (6, 5, 3, 1), (5, 5, 1, 1)]
        self.hidden = nn.ModuleList(
            nn.MaxPool2d(3, 1, 1) if s is None else nn.Conv2d(s[0], s[1], s[2], s[3], s[2] // 2)
            for s in sizes
        )
        patches = -(-HEIGHT // 4) * -(-WIDTH // 4)
        self.scope = scope
        self.output = nn.Conv2d(5, 2, 1) if scope == "local" else nn.Linear(5 * patches, 2)

    def forward(self, x):
        for layer in self.hidden:
            x = layer(x)
            if isinstance(layer, nn.Conv2d):
                x = F.silu(x)
        if self.scope == "local":
            return self.output(x)
        return self.output(x.flatten(1))[:, :, None, None]


def cross_entropy(logits, target):
    labels = torch.full((logits.shape[0], *logits.shape[2:]), target, dtype=torch.long)
    return F.cross_entropy(logits, labels)


def difference(x, dim):
    zeros = torch.zeros_like(x.narrow(dim, 0, 1))
    return torch.cat([torch.diff(x, dim=dim), zeros], dim)


PSI = {
    "identity": lambda x: x,
    "channel_mean": lambda x: x.mean(1, keepdim=True),
    "image_derivatives": lambda x: torch.cat([difference(x, 3), difference(x, 2)], 1),
}


def refiner_loss(refiner, discriminator, psi, synthetic):
    refined = refiner(synthetic)
    adversarial = cross_entropy(discriminator(refined), 0)
    regularization = (psi(refined) - psi(synthetic)).abs().mean()
    return adversarial, regularization, adversarial + LAMBDA * regularization


def discriminator_loss(discriminator, refined, real):
    return (cross_entropy(discriminator(refined), 1) + cross_entropy(discriminator(real), 0)) / 2


def weights(prefix, module):
    return {f"{prefix}.{name}": p.detach().clone() for name, p in module.named_parameters()}


def gradients(prefix, module, loss):
    names, parameters = zip(*module.named_parameters())
    grads = torch.autograd.grad(loss, parameters)
    return {f"{prefix}.{name}": g for name, g in zip(names, grads)}


def optimizer(kind, module):
    if kind == "sgd":
        return torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    return torch.optim.Adam(module.parameters(), lr=0.001, betas=(0.5, 0.999))


def step(optimizer, loss, module, clip):
    optimizer.zero_grad()
    loss.backward()
    if clip:
        nn.utils.clip_grad_norm_(module.parameters(), clip)
    optimizer.step()


def case(folder, name, kind, scope, psi_name, channels, clip):
    torch.manual_seed(len(name))
    psi = PSI[psi_name]
    refiner, discriminator = Refiner(channels), Discriminator(channels, scope)
    shape = (BATCH, channels, HEIGHT, WIDTH)
    # Multiples of 1/255 of the range, as 8-bit images give them.
    synthetic, real = (torch.randint(0, 256, shape) for _ in range(2))
    out = {"synthetic": synthetic.to(torch.uint8), "real": real.to(torch.uint8)}
    synthetic, real = (x.float() / 127.5 - 1 for x in (synthetic, real))
    out |= weights("refiner", refiner) | weights("discriminator", discriminator)

    refined = refiner(synthetic)
    out |= {"refined": refined.detach(), "logits": discriminator(synthetic).detach()}
    adversarial, regularization, total = refiner_loss(refiner, discriminator, psi, synthetic)
    d_loss = discriminator_loss(discriminator, refined.detach(), real)
    out["losses"] = torch.stack([adversarial, regularization, total, d_loss]).detach()
    out |= gradients("gradient.refiner", refiner, total)
    out |= gradients("gradient.discriminator", discriminator, d_loss)

    r_optimizer, d_optimizer = optimizer(kind, refiner), optimizer(kind, discriminator)
    trace = []
    for _ in range(10):
        for _ in range(2):
            *_, total = refiner_loss(refiner, discriminator, psi, synthetic)
            step(r_optimizer, total, refiner, clip)
        d_loss = discriminator_loss(discriminator, refiner(synthetic).detach(), real)
        step(d_optimizer, d_loss, discriminator, clip)
        trace.append(torch.stack([total, d_loss]).detach())
    out["trace"] = torch.stack(trace)
    out |= weights("trained.refiner", refiner) | weights("trained.discriminator", discriminator)
    metadata = {"torch": torch.__version__, "case": name}
    save_file({k: v.contiguous() for k, v in out.items()}, folder / f"{name}.safetensors", metadata)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    case(folder, "sgd_local_identity", "sgd", "local", "identity", 1, 0.0)
    case(folder, "adam_global_derivatives", "adam", "global", "image_derivatives", 1, 0.0)
    case(folder, "adam_local_channel_mean_clip", "adam", "local", "channel_mean", 3, 0.1)
