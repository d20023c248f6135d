#!/usr/bin/env python3
"""Joints of `sim:hands` beside those of real hands: bone lengths, bends, spread.

    simgan simulate hands --count 8000 --size 16x16 --out HANDS
    scripts/compare_hand_joints.py HANDS/labels.csv ../shared/data/hand-joint-labels

The second folder holds `nyu_test_14joints_uvd.txt` and `icvl_test_16joints_uvd.txt`: rows of pixels and
millimetres (u, v, d) of every joint. Prints the tables of docs/hands.md. Needs Python alone.
"""

import csv
import math
import sys
from pathlib import Path

# The 14 evaluation joints of NYU, in the order of its file, by the names that the simulator gives them.
NYU = [
    "little_tip", "little_pip", "ring_tip", "ring_pip", "middle_tip", "middle_pip", "index_tip", "index_pip",
    "thumb_tip", "thumb_ip", "thumb_base", "wrist_little", "wrist_thumb", "palm",
]
# ICVL's roots, middles and tips, by the nearest of the simulator's names.
ICVL = ["palm"] + [
    f"{finger}_{joint}"
    for finger, joints in {
        "thumb": ["mcp", "ip", "tip"], "index": ["pip", "dip", "tip"], "middle": ["pip", "dip", "tip"],
        "ring": ["pip", "dip", "tip"], "little": ["pip", "dip", "tip"],
    }.items()
    for joint in joints
]
FINGERS = ["index", "middle", "ring", "little"]


def from_pixels(path, names, focal, principal):
    """Hands of a file of (u, v, d): dictionaries from joint to (x, y, z) in millimetres."""
    hands = []
    for line in path.read_text().splitlines():
        values = [float(cell) for cell in line.split()]
        hand = {}
        for joint, (u, v, d) in zip(names, zip(*[iter(values)] * 3)):
            hand[joint] = ((u - principal[0]) * d / focal[0], (v - principal[1]) * d / focal[1], d)
        hands.append(hand)
    return hands


def from_labels(path):
    """Hands of a simulator's label table."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    joints = [column[: -len("_x_mm")] for column in rows[0] if column.endswith("_x_mm")]
    return [
        {joint: tuple(float(row[f"{joint}_{axis}_mm"]) for axis in "xyz") for joint in joints}
        for row in rows
    ]


def minus(a, b):
    return tuple(p - q for p, q in zip(a, b))


def dot(a, b):
    return sum(p * q for p, q in zip(a, b))


def unit(a):
    length = math.sqrt(dot(a, a)) or 1.0
    return tuple(p / length for p in a)


def cross(a, b):
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def middle(a, b):
    return tuple((p + q) / 2 for p, q in zip(a, b))


def length(a, b):
    return lambda hand: math.dist(hand[a], hand[b])


def bend(a, b, c):
    """Angle by which the way a, b, c bends at b, in degrees."""
    def angle(hand):
        cosine = dot(unit(minus(hand[b], hand[a])), unit(minus(hand[c], hand[b])))
        return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
    return angle


def fan(hand):
    """Angle between the ways from the palm to index and little finger."""
    ways = [unit(minus(hand[f"{finger}_pip"], hand["palm"])) for finger in ("index", "little")]
    return math.degrees(math.acos(max(-1.0, min(1.0, dot(*ways)))))


def axes(hand):
    """Thumb's side, fingers' side and outside of the palm (of a right hand)."""
    wrist = middle(hand["wrist_little"], hand["wrist_thumb"])
    fingers = unit(minus(hand["palm"], wrist))
    across = minus(hand["wrist_thumb"], hand["wrist_little"])
    across = unit(minus(across, tuple(dot(across, fingers) * p for p in fingers)))
    return across, fingers, cross(across, fingers)


def turn(which):
    """Roll, pitch or spin of the hand as HandConfig has them, in degrees."""
    def angle(hand):
        across, fingers, out = axes(hand)
        # Columns of the turn are these axes; at 0 fingers point up and the palm looks at the camera.
        fingers, out = tuple(-p for p in fingers), tuple(-p for p in out)
        pitch = math.asin(max(-1.0, min(1.0, fingers[2])))
        roll = math.atan2(-fingers[0], fingers[1])
        spin = math.atan2(-across[2], out[2])
        return math.degrees([roll, pitch, spin][which])
    return angle


def place(axis):
    """Mean of the evaluation joints along an axis of the camera."""
    return lambda hand: sum(hand[joint][axis] for joint in NYU) / len(NYU)


def in_hand(joint, axis):
    """A joint beside the palm along an axis of the hand, in lengths of the way from wrist to palm."""
    def value(hand):
        wrist = middle(hand["wrist_little"], hand["wrist_thumb"])
        way = minus(hand[joint], hand["palm"])
        return dot(way, axes(hand)[axis]) / math.dist(wrist, hand["palm"])
    return value


def reach(joints):
    """Largest distance of a joint from the mean of all."""
    def value(hand):
        centre = tuple(sum(hand[joint][axis] for joint in joints) / len(joints) for axis in range(3))
        return max(math.dist(hand[joint], centre) for joint in joints)
    return value


def described(hands, measure):
    values = sorted(measure(hand) for hand in hands)
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    part = lambda share: values[int(share * (len(values) - 1))]
    return f"{mean:.1f} ± {spread:.1f} ({part(0.05):.0f} to {part(0.95):.0f})"


def table(title, sets, rows):
    print(f"\n{title}\n")
    print("| | " + " | ".join(sets) + " |")
    print("|---" * (len(sets) + 1) + "|")
    for name, measure in rows:
        print(f"| {name} | " + " | ".join(described(hands, measure) for hands in sets.values()) + " |")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    labels, folder = map(Path, sys.argv[1:])
    simulated = from_labels(labels)
    nyu = from_pixels(folder / "nyu_test_14joints_uvd.txt", NYU, (588.03, 587.07), (320, 240))
    icvl = from_pixels(folder / "icvl_test_16joints_uvd.txt", ICVL, (241.42, 241.42), (160, 120))
    # The two people of NYU's test set.
    sets = {"sim:hands": simulated, "NYU, first person": nyu[:2440], "NYU, second person": nyu[2440:]}
    table("Lengths in mm", sets, [
        *((f"{finger} tip to PIP", length(f"{finger}_tip", f"{finger}_pip")) for finger in FINGERS),
        ("thumb tip to IP", length("thumb_tip", "thumb_ip")),
        ("thumb IP to base", length("thumb_ip", "thumb_base")),
        *((f"palm to {finger} PIP", length("palm", f"{finger}_pip")) for finger in FINGERS),
        ("palm to thumb base", length("palm", "thumb_base")),
        ("palm to a side of the wrist", length("palm", "wrist_thumb")),
        ("wrist, side to side", length("wrist_little", "wrist_thumb")),
        ("mean of the joints to the furthest", reach(NYU)),
    ])
    table("Angles in degrees", sets, [
        *((f"{finger}: palm, PIP, tip", bend("palm", f"{finger}_pip", f"{finger}_tip")) for finger in FINGERS),
        ("thumb: base, IP, tip", bend("thumb_base", "thumb_ip", "thumb_tip")),
        ("index to little finger, seen from the palm", fan),
        ("roll", turn(0)), ("pitch", turn(1)), ("spin", turn(2)),
    ])
    table("Place of the hand in mm", sets, [("right", place(0)), ("down", place(1)), ("distance", place(2))])
    table("Tips beside the palm, in hundredths of the way from wrist to palm", sets, [
        (f"{finger} tip, {name}", lambda hand, f=finger, a=axis: 100 * in_hand(f"{f}_tip", a)(hand))
        for finger in ("thumb", "index", "middle", "ring", "little")
        for axis, name in enumerate(["to the thumb's side", "to the fingers", "out of the palm"])
    ])
    table("ICVL: lengths in mm and bends in degrees", {"sim:hands": simulated, "ICVL": icvl}, [
        *((f"{f}, PIP to DIP", length(f"{f}_pip", f"{f}_dip")) for f in FINGERS),
        *((f"{f}, DIP to tip", length(f"{f}_dip", f"{f}_tip")) for f in FINGERS),
        *((f"palm to {f} PIP", length("palm", f"{f}_pip")) for f in FINGERS),
        ("thumb, MCP to IP", length("thumb_mcp", "thumb_ip")),
        ("thumb, IP to tip", length("thumb_ip", "thumb_tip")),
        *((f"{f}: PIP, DIP, tip", bend(f"{f}_pip", f"{f}_dip", f"{f}_tip")) for f in FINGERS),
        *((f"{f}: palm, PIP, DIP", bend("palm", f"{f}_pip", f"{f}_dip")) for f in FINGERS),
    ])


if __name__ == "__main__":
    main()
