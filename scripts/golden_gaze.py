"""Numbers that the gaze network must reproduce, computed by PyTorch 2.13 on the CPU.

    python scripts/golden_gaze.py crates/simgan/tests/golden

writes gaze_silu.safetensors and gaze_relu.safetensors: a small network of the paper's layers, six images and
targets, and what follows from them. Read by crates/simgan/tests/estimators/golden.rs.
Needs: pip install torch==2.13 safetensors numpy
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

STEPS = 10
LEARNING_RATE = 0.002


class GazeCnn(nn.Module):
    """Paper, section 3.1, with few feature maps: 1x25x27 -> 7x2x3 -> 11 -> 3."""

    def __init__(self, activation):
        super().__init__()
        a, b, c, d, e, hidden = 3, 4, 5, 6, 7, 11
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(1, a, 3), nn.Conv2d(a, b, 3), nn.Conv2d(b, c, 3)
        self.conv4, self.conv5 = nn.Conv2d(c, d, 3), nn.Conv2d(d, e, 3)
        self.fc1, self.fc2 = nn.Linear(e * 2 * 3, hidden), nn.Linear(hidden, 3)
        self.activation = activation

    def forward(self, x):
        act = self.activation
        x = act(self.conv3(act(self.conv2(act(self.conv1(x))))))
        x = nn.functional.max_pool2d(x, 3, 2)
        x = act(self.conv5(act(self.conv4(x))))
        x = nn.functional.max_pool2d(x, 2, 2).flatten(1)
        return self.fc2(act(self.fc1(x)))


def stored(parameters):
    """Copies, linear weights as [inputs, outputs]."""
    return {k: (v.t() if v.dim() == 2 else v).clone() for k, v in parameters}


def l2_loss(prediction, target):
    return ((prediction - target) ** 2).sum(1).mean()


def numbers(activation):
    torch.manual_seed(1)
    network = GazeCnn(activation)
    images = torch.rand(6, 1, 25, 27) * 2 - 1
    target = nn.functional.normalize(torch.randn(6, 3) * 0.3 - torch.tensor([0.0, 0.0, 1.0]))
    found = {"images": images, "target": target}
    found |= {f"weights.{k}": v for k, v in stored(network.state_dict().items()).items()}
    output = network(images)
    loss = l2_loss(output, target)
    loss.backward()
    found |= {"output": output.detach(), "loss": loss.detach().reshape(1)}
    found |= {f"gradient.{k}": v for k, v in stored((k, v.grad) for k, v in network.named_parameters()).items()}
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = l2_loss(network(images), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    found["losses"] = torch.stack(losses)
    found |= {f"trained.{k}": v for k, v in stored(network.state_dict().items()).items()}
    return {k: v.contiguous() for k, v in found.items()}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, activation in {"silu": nn.functional.silu, "relu": torch.relu}.items():
        save_file(numbers(activation), folder / f"gaze_{name}.safetensors", {"pytorch": torch.__version__})
