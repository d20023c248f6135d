#!/usr/bin/env python3
"""Noise, outline and holes of depth images: NYU's raw frame beside pictures of `sim:depth-camera`.

    simgan simulate depth-camera --count 8 --seed 1 --size 232x232 --out PICTURES \\
        --set 'hands.distance=[760,760]' --set 'hands.roll=[-20,20]' --set 'hands.pitch=[0,20]' \\
        --set 'hands.spin=[-20,20]' --set hands.half_closed=0 --set hands.fist=0 --set hands.pinch=0 \\
        --set hands.pointing=0 --set hands.random=0
    scripts/compare_depth_noise.py ../shared/data/formats/nyu-layout/depth_1_0000001.png PICTURES/images

At 760 mm, 232 pixels of NYU's frame are 300 mm. Needs NumPy and Pillow.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

# Centre of the labelled hand of the frame (line 1 of NYU's test joints): column, row, millimetres.
CENTRE = (217, 238, 760)
# Half of the crop in pixels, and of the cube in millimetres.
HALF, CUBE = 116, 150
# Neighbours that differ by more, in millimetres, are on two surfaces.
STEP = 15


def nyu(path):
    """The hand of a raw frame: depth is 256 green + blue; 0 beyond the cube."""
    colours = np.asarray(Image.open(path).convert("RGB")).astype(int)
    depths = 256 * colours[..., 1] + colours[..., 2]
    column, row, centre = CENTRE
    depths = depths[row - HALF : row + HALF, column - HALF : column + HALF]
    return np.where(abs(depths - centre) < CUBE, depths, 0)


def residuals(depths):
    """Deviations from planes through 5x5 pixels that are all on one surface."""
    columns, rows = np.meshgrid(range(-2, 3), range(-2, 3))
    design = np.stack([columns.ravel(), rows.ravel(), np.ones(25)], axis=1)
    projection = design @ np.linalg.pinv(design)
    found = []
    for y in range(3, depths.shape[0] - 3, 2):
        for x in range(3, depths.shape[1] - 3, 2):
            window = depths[y - 2 : y + 3, x - 2 : x + 3].ravel().astype(float)
            if window.min() > 0 and np.ptp(window) < STEP:
                found.append((window - projection @ window).std())
    return np.median(found)


def statistics(depths):
    """Residual (mm), outline over the root of the area, share of holes, share of equal neighbours."""
    measured = depths > 0
    edges = sum(np.abs(np.diff(measured.astype(int), axis=axis)).sum() for axis in (0, 1))
    shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
    around = sum(np.roll(measured, shift, axis=(0, 1)).astype(int) for shift in shifts)
    equal = [
        (depths[1:] == depths[:-1])[measured[1:] & measured[:-1]].mean(),
        (depths[:, 1:] == depths[:, :-1])[measured[:, 1:] & measured[:, :-1]].mean(),
    ]
    holes = (~measured & (around >= 6)).sum() / measured.sum()
    return [residuals(depths), edges / np.sqrt(measured.sum()), holes, np.mean(equal)]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    frame, folder = map(Path, sys.argv[1:])
    pictures = [np.asarray(Image.open(path)).astype(int) for path in sorted(folder.glob("*.png"))]
    made = np.array([statistics(depths) for depths in pictures])
    names = ["residual, mm", "outline", "holes", "equal neighbours"]
    print("| | raw frame | sim:depth-camera, least to most |\n|---|---|---|")
    for name, real, least, most in zip(names, statistics(nyu(frame)), made.min(0), made.max(0)):
        print(f"| {name} | {real:.4g} | {least:.2g} to {most:.3g} |")


if __name__ == "__main__":
    main()
