#!/usr/bin/env python3
"""PyTorch at the work that `simgan-lab bench` measures.

    pytorch.py --check
    pytorch.py --stage STAGE --variant VARIANT [--threads N] [--batch N]
        [--device cuda] [--precision f16] [--tf32]

Builds one stage, warms it up and prints {"ready": true, ...}. Then every line `step N` on stdin runs N timed
steps and prints {"seconds": [...]}, and `quit` (or the end of stdin) prints {"peak_rss_mb": ...}. A failure
prints {"error": "..."}. On a GPU a step is over when the GPU has done it. Nothing else goes to stdout. The parent may set ATEN_CPU_CAPABILITY and
ONEDNN_MAX_CPU_ISA, which PyTorch and oneDNN read when they start.

Nets, losses and constants are those of crates/simgan/src (refiner.rs, discriminator.rs, estimators/gaze.rs,
algorithm_1.rs); scripts/golden.py shows on small nets that they agree.
"""

import argparse
import json
import os
import sys
import time

# What libraries print while they compile must not mix with the protocol.
PROTOCOL = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def say(**message):
    print(json.dumps(message), file=PROTOCOL, flush=True)


try:
    import numpy as np
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError as error:
    say(error=f"PyTorch and NumPy are needed: {error}", missing=error.name)
    sys.exit(1)

EYE = (1, 35, 55)
HAND = (1, 224, 224)
IMAGES = 1000
HISTORY = 10_000
LOSS_SCALE = 1024.0
LAMBDA = 5.0
K_G, K_D = 2, 1
PRECISIONS = {"f32": None, "f16": torch.float16, "bf16": torch.bfloat16}
VARIANTS = ["contiguous", "channels_last", "contiguous_compile", "channels_last_compile"]


# The networks.


class ResidualBlock(nn.Module):
    def __init__(self, maps, kernel):
        super().__init__()
        self.convolution_1 = nn.Conv2d(maps, maps, kernel, padding=kernel // 2)
        self.convolution_2 = nn.Conv2d(maps, maps, kernel, padding=kernel // 2)

    def forward(self, x):
        return F.relu(self.convolution_2(F.relu(self.convolution_1(x))) + x)


class Refiner(nn.Module):
    """refiner.rs: eyes by default; hands have 10 blocks of 7x7."""

    def __init__(self, kernel=3, blocks=4, maps=64, channels=1):
        super().__init__()
        self.input = nn.Conv2d(channels, maps, kernel, padding=kernel // 2)
        self.blocks = nn.Sequential(*(ResidualBlock(maps, kernel) for _ in range(blocks)))
        self.output = nn.Conv2d(maps, channels, 1)

    def forward(self, x):
        return torch.tanh(self.output(self.blocks(F.relu(self.input(x)))))


def discriminator():
    """discriminator.rs, eyes(): two logits for each of 9x14 patches."""
    return nn.Sequential(
        nn.Conv2d(1, 96, 3, 2, 1), nn.ReLU(),
        nn.Conv2d(96, 64, 3, 2, 1), nn.ReLU(),
        nn.MaxPool2d(3, 1, 1),
        nn.Conv2d(64, 32, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(32, 32, 1), nn.ReLU(),
        nn.Conv2d(32, 2, 1),
    )  # fmt: skip


class GazeCnn(nn.Module):
    """estimators/gaze.rs: convolutions without padding, 9,600 features."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(),
            nn.Conv2d(32, 32, 3), nn.ReLU(),
            nn.Conv2d(32, 64, 3), nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 80, 3), nn.ReLU(),
            nn.Conv2d(80, 192, 3), nn.ReLU(),
            nn.MaxPool2d(2, 2),
        )  # fmt: skip
        self.fc1, self.fc2 = nn.Linear(9600, 1000), nn.Linear(1000, 3)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.features(x).flatten(1))))


# The losses: means over images, patches and pixels.

REAL, REFINED = 0, 1


def labels(images, label):
    return torch.full((images, 9, 14), label, dtype=torch.long)


def refiner_loss(refiner, frozen, synthetic, real):
    refined = refiner(synthetic)
    return F.cross_entropy(frozen(refined), real) + LAMBDA * F.l1_loss(refined, synthetic)


def discriminator_loss(network, images, target):
    return F.cross_entropy(network(images), target)


def gaze_loss(network, images, target):
    return (network(images) - target).square().sum(1).mean()


def hands_loss(refiner, images):
    refined = refiner(images)
    return F.l1_loss(refined, images) + refined.mean()


# How a variant lays out and compiles, and where it computes.


class Variant:
    def __init__(self, name, batch, device, precision):
        self.batch, self.device, self.lower = batch, torch.device(device), PRECISIONS[precision]
        last = name.startswith("channels_last")
        self.format = torch.channels_last if last else torch.contiguous_format
        self.compiled = name.endswith("compile")

    def network(self, module):
        return module.to(memory_format=self.format)

    def images(self, images):
        return images.to(self.device).contiguous(memory_format=self.format)

    def autocast(self):
        return torch.autocast(self.device.type, self.lower, enabled=self.lower is not None)

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def random(self, shape=EYE):
        return self.images(torch.rand(self.batch, *shape) * 2 - 1)

    def function(self, function):
        return torch.compile(function, dynamic=False) if self.compiled else function


def frozen(network, copy):
    """`copy` with the weights of `network` themselves, which it never asks gradients for."""
    for theirs, ours in zip(copy.parameters(), network.parameters()):
        theirs.data = ours.data
        theirs.requires_grad_(False)
    return copy


def adam(network, beta_1=0.5):
    return torch.optim.Adam(network.parameters(), lr=0.001, betas=(beta_1, 0.999), eps=1e-8, fused=True)


def update(variant, optimizer, loss, *inputs):
    optimizer.zero_grad(set_to_none=True)
    with variant.autocast():
        value = loss(*inputs)
    if variant.lower is torch.float16:
        (value * LOSS_SCALE).backward()
        for group in optimizer.param_groups:
            torch._foreach_div_([p.grad for p in group["params"]], LOSS_SCALE)
    else:
        value.backward()
    optimizer.step()


# The stages: each returns what one step does.


def refine(variant):
    if variant.compiled:
        import torch._inductor.config as inductor

        inductor.freezing = True
    network = variant.network(Refiner()).eval().requires_grad_(False)
    forward, images = variant.function(network), variant.random()

    def step():
        with torch.inference_mode(), variant.autocast():
            forward(images)

    return step


class Players:
    """R, D and their optimizers."""

    def __init__(self, variant):
        self.refiner = variant.network(Refiner())
        self.discriminator = variant.network(discriminator())
        self.frozen = frozen(self.discriminator, variant.network(discriminator()))
        self.refiner_optimizer, self.discriminator_optimizer = adam(self.refiner), adam(self.discriminator)
        self.refiner_loss = variant.function(refiner_loss)
        self.discriminator_loss = variant.function(discriminator_loss)
        self.variant = variant
        self.taken_for_real = labels(variant.batch, REAL)
        self.targets = torch.cat([labels(variant.batch, REFINED), labels(variant.batch, REAL)])

    def update_refiner(self, synthetic):
        inputs = self.refiner, self.frozen, synthetic, self.taken_for_real
        update(self.variant, self.refiner_optimizer, self.refiner_loss, *inputs)

    def update_discriminator(self, images):
        """`images`: the refined ones, then as many real ones; one pass over both."""
        inputs = self.discriminator, images, self.targets
        update(self.variant, self.discriminator_optimizer, self.discriminator_loss, *inputs)


def refiner_step(variant):
    players, images = Players(variant), variant.random()
    return lambda: players.update_refiner(images)


def discriminator_step(variant):
    players = Players(variant)
    refined, real = variant.random(), variant.random()
    return lambda: players.update_discriminator(variant.images(torch.cat([refined, real])))


class Side:
    """Images of one side as bytes, drawn epoch after epoch in random order."""

    def __init__(self, rng, variant):
        self.rng, self.variant = rng, variant
        self.pixels = rng.integers(0, 256, (IMAGES, *EYE), dtype=np.uint8)
        self.order = np.empty(0, dtype=np.int64)

    def next(self, count):
        while len(self.order) < count:
            self.order = np.concatenate([self.order, self.rng.permutation(IMAGES)])
        chosen, self.order = self.order[:count], self.order[count:]
        images = torch.from_numpy(self.pixels[chosen]).to(self.variant.device).float().div_(127.5).sub_(1.0)
        return self.variant.images(images)


class History:
    """A full history of refined images (history_buffer.rs): b/2 are drawn, b/2 replaced."""

    def __init__(self, rng):
        self.rng = rng
        self.images = rng.random((HISTORY, *EYE), dtype=np.float32)
        self.images *= 2
        self.images -= 1

    def places(self, count):
        return self.rng.choice(HISTORY, count, replace=False, shuffle=False)

    def draw(self, count):
        return torch.from_numpy(self.images[self.places(count)])

    def push(self, refined):
        self.images[self.places(len(refined))] = refined.float().cpu().numpy()


def iteration(variant):
    rng = np.random.default_rng(0)
    players, history = Players(variant), History(rng)
    synthetic, real = Side(rng, variant), Side(rng, variant)
    infer = variant.function(players.refiner.forward)

    def refined_batch():
        half = variant.batch // 2
        old = history.draw(half).to(variant.device)
        with torch.no_grad(), variant.autocast():
            fresh = infer(synthetic.next(variant.batch - half)).float()
        history.push(fresh[:half])
        return [fresh, old]

    def step():
        for _ in range(K_G):
            players.update_refiner(synthetic.next(variant.batch))
        for _ in range(K_D):
            images = torch.cat([*refined_batch(), real.next(variant.batch)])
            players.update_discriminator(variant.images(images))

    return step


def gaze_step(variant):
    network = variant.network(GazeCnn())
    optimizer, loss = adam(network, beta_1=0.9), variant.function(gaze_loss)
    images, targets = variant.random(), F.normalize(torch.randn(variant.batch, 3))
    return lambda: update(variant, optimizer, loss, network, images, targets)


def hands_refiner_step(variant):
    network = variant.network(Refiner(kernel=7, blocks=10))
    optimizer, loss = adam(network), variant.function(hands_loss)
    images = variant.random(HAND)
    return lambda: update(variant, optimizer, loss, network, images)


STAGES = {
    "refine": refine,
    "refine_128": refine,
    "refiner_step": refiner_step,
    "discriminator_step": discriminator_step,
    "iteration": iteration,
    "gaze_step": gaze_step,
    "hands_refiner_step": hands_refiner_step,
}


# The protocol.


def timed(step, variant):
    begun = time.perf_counter()
    step()
    variant.wait()
    return time.perf_counter() - begun


def peak_rss_mb():
    """The largest resident size of this process in MB (10^6 bytes), None where it is not known."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def device_memory_mb(device):
    """The largest memory that tensors took of a GPU in MB, None on the CPU."""
    return torch.cuda.max_memory_allocated(device) / 1e6 if device.type == "cuda" else None


def facts(device):
    return {
        "card": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": sys.version.split()[0],
        "threads": torch.get_num_threads(),
        "isa": torch.backends.cpu.get_cpu_capability(),
        "rss_after_import_mb": peak_rss_mb(),
    }


def serve(step, variant):
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            break
        say(seconds=[timed(step, variant) for _ in range(int(words[1]))])
    say(peak_rss_mb=peak_rss_mb(), device_memory_mb=device_memory_mb(variant.device))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="print the versions and exit")
    parser.add_argument("--stage", choices=list(STAGES), default="refine")
    parser.add_argument("--variant", choices=VARIANTS, default=VARIANTS[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=list(PRECISIONS), default="f32")
    parser.add_argument("--tf32", action="store_true", help="let a GPU round to TF32 in products of f32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    try:
        device = torch.device(options.device)
        torch.set_default_device(device)
        about = facts(device)
        if options.check:
            return say(**about)
        variant = Variant(options.variant, options.batch, device, options.precision)
        step = STAGES[options.stage](variant)
        warmups = 1 if options.stage.startswith("hands") else 3
        seconds = [timed(step, variant) for _ in range(warmups)]
    except Exception as error:  # e.g. no C++ compiler: the parent goes on without this variant
        text = " ".join(str(error).split()) or "no message"
        say(error=f"{type(error).__name__}: {text[:400]}")
        sys.exit(1)
    say(ready=True, warmup_seconds=seconds[-1], **about)
    serve(step, variant)


if __name__ == "__main__":
    main()
