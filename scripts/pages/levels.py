"""Writes 60 grey PNG images of 55x35 whose levels lie between two bounds.

    levels.py FOLDER LOW HIGH
"""

import pathlib
import struct
import sys
import zlib

WIDTH, HEIGHT = 55, 35


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(number, low, high):
    """Stripes; no two images are alike."""
    level = lambda x, y: low + (7 * x + 3 * y + 11 * number) % (high - low)
    rows = (bytes([0, *(level(x, y) for x in range(WIDTH))]) for y in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(rows))
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


folder, low, high = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
folder.mkdir()
for number in range(60):
    (folder / f"{number}.png").write_bytes(png(number, low, high))
