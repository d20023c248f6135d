"""Writes attacks/: a small file for every way in which an input can be hostile. Needs Python alone.

    python3 scripts/attacks.py
"""

import io
import json
import pathlib
import struct
import tarfile
import zlib

ROOT = pathlib.Path(__file__).parent.parent / "attacks"
PIXEL = zlib.compress(b"\0\x80")


def write(name, content):
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, pixels=PIXEL, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def images():
    write("images/bomb.png", png(16000, 16000, zlib.compress(bytes(4 << 20), 9)))
    write("images/side.png", png(0x7FFFFFFF, 1))
    write("images/chunk.png", png(1, 1).replace(chunk(b"IDAT", PIXEL), struct.pack(">I", 0x7FFFFFFF) + b"IDAT"))
    profile = b"bomb\0\0" + zlib.compress(bytes(12 << 20), 9)
    write("images/profile.png", png(1, 1, extra=chunk(b"iCCP", profile)))
    bmp = struct.pack("<IiiHHIIiiII", 40, 0x7FFFFFFF, 0x7FFFFFFF, 1, 24, 0, 0, 0, 0, 0, 0)
    write("images/huge.bmp", b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + bmp)
    write("images/huge.pgm", "P5 4000000000 4000000000 255\n")
    write("images/bomb.ppm", "P6 9000 9000 65535\n")
    frame = struct.pack(">BHHB", 8, 5000, 5000, 3) + bytes([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
    table = b"\xff\xdb" + struct.pack(">H", 67) + b"\0" + bytes([1] * 64)
    scan = b"\xff\xda" + struct.pack(">H", 8) + bytes([1, 1, 0, 0, 0, 0])
    segment = b"\xff\xc2" + struct.pack(">H", 2 + len(frame)) + frame
    write("images/progressive.jpg", b"\xff\xd8" + table + segment + scan + b"\xff\xd9")
    write("images/pickle.png", b"\x80\x02cos\nsystem\nU\x04true\x85R.")


def labels():
    for name, path in [
        ("parent", "../secret.png"),
        ("deep-parent", "a/../../secret.png"),
        ("absolute", "/etc/passwd"),
        ("drive", "C:\\secret.png"),
        ("backslash", "..\\secret.png"),
        ("share", "\\\\server\\secret.png"),
    ]:
        write(f"labels/{name}.csv", f"file,x\n{path},1\n")
    write("labels/open-quote.csv", 'file,x\n1.png,"1\n' + "2.png,2\n" * 100)
    write("labels/columns.csv", "," * 5000 + "\n")
    write("labels/twice.csv", "file,x\n1.png,1\n./1.png,2\n")


def unity_eyes():
    margin = ["(20.0, 30.0, 9.0)", "(44.0, 26.0, 9.0)"]
    eye = {"interior_margin_2d": margin, "eye_details": {"look_vec": "(0, 0, -1)"}, "head_pose": "(0, 180, 0)"}
    write("unity_eyes/nested.json", '{"a": ' + "[" * 3000)
    write("unity_eyes/nested-size.json", '{"eye_details": {"pupil_size": ' + "[" * 3000)
    wide = ["(-1e300, 30.0, 9.0)", "(1e300, 26.0, 9.0)"]
    write("unity_eyes/wide.json", json.dumps(eye | {"interior_margin_2d": wide}))
    write("unity_eyes/number.json", json.dumps(eye | {"head_pose": "(1e999, 0, 0)"}))


def element(kind, data):
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(kind, shape, name, *parts):
    flags = element(6, struct.pack("<II", kind, 0))
    shape = element(5, struct.pack(f"<{len(shape)}i", *shape))
    return element(14, flags + shape + element(1, name) + b"".join(parts))


def mpiigaze():
    header = b" " * 124 + b"\x00\x01IM"

    def compressed(data):
        data = zlib.compress(data, 9)
        return header + struct.pack("<II", 15, len(data)) + data

    write("mpiigaze/bomb.mat", compressed(struct.pack("<II", 14, 0xFFFFFFF0) + bytes(4 << 20)))
    write("mpiigaze/shape.mat", header + matrix(9, [0x7FFFFFFF] * 3, b"data", element(2, b"")))
    write("mpiigaze/cells.mat", header + matrix(1, [0x7FFFFFFF, 0x7FFFFFFF], b"data"))
    empty = element(5, struct.pack("<i", 8)) + element(1, b"")
    write("mpiigaze/structs.mat", header + matrix(2, [0x7FFFFFFF, 1], b"data", empty))
    names = element(5, struct.pack("<i", 1)) + element(1, bytes(4 << 20))
    write("mpiigaze/fields.mat", compressed(matrix(2, [1, 1], b"data", names)))
    nested = matrix(1, [0, 0], b"")
    for _ in range(40):
        nested = matrix(1, [1, 1], b"", nested)
    write("mpiigaze/nested.mat", header + nested)
    write("mpiigaze/length.mat", header + struct.pack("<II", 14, 0xFFFFFFFF))


def tars():
    def tar(*members, end=True):
        file = io.BytesIO()
        for name, content, kind in members:
            member = tarfile.TarInfo(name)
            member.size, member.type = len(content), kind
            member.linkname = "/etc/passwd" if kind == tarfile.SYMTYPE else ""
            file.write(member.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512))
        return file.getvalue() + bytes(1024 if end else 0)

    image = png(1, 1)
    regular = tarfile.REGTYPE
    write("tars/parent.tar", tar(("../1.png", image, regular)))
    write("tars/absolute.tar", tar(("/etc/1.png", image, regular)))
    write("tars/drive.tar", tar(("C:\\1.png", image, regular)))
    write("tars/link.tar", tar(("1.png", b"", tarfile.SYMTYPE)))
    write("tars/torn.tar", tar(("1.png", image, regular), end=False))
    write("tars/twice.tar", tar(("1.png", image, regular), ("2.png", image, regular), ("1.png", image, regular)))
    write("tars/sparse.tar", tar(("1.png", image, tarfile.GNUTYPE_SPARSE)))
    for name, size in [("size", 1 << 40), ("overflow", (1 << 64) - 1)]:
        member = bytearray(tarfile.TarInfo("1.png").tobuf(tarfile.GNU_FORMAT))
        member[124:136] = b"\x80" + bytes(3) + struct.pack(">Q", size)
        member[148:156] = b" " * 8
        member[148:156] = b"%06o\0 " % sum(member)
        write(f"tars/{name}.tar", bytes(member) + bytes(1024))
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 1 << 20
    write("tars/long-name.tar", long.tobuf(tarfile.GNU_FORMAT) + b"a" * 1024)
    write("tars/compressed.tar", zlib.compress(tar(("1.png", image, regular)), wbits=31))
    write("tars/compressed.tar.gz", zlib.compress(tar(("1.png", image, regular)), wbits=31))
    write("tars/pickle.pt", b"PK\x03\x04 and so on")


def models():
    def file(header, data=16):
        header = header if isinstance(header, str) else json.dumps(header)
        return struct.pack("<Q", len(header)) + header.encode() + bytes(data)

    def tensor(shape, start, end, kind="F32"):
        return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}

    write("models/header.safetensors", struct.pack("<Q", (1 << 63) - 1) + b"{}")
    write("models/short.safetensors", struct.pack("<Q", 1 << 20) + b"{}")
    write("models/nested.safetensors", file('{"a":' + "[" * 3000))
    write("models/outside.safetensors", file({"a": tensor([1 << 30], 0, 1 << 32)}))
    write("models/shape.safetensors", file({"a": tensor([1 << 32, 1 << 32, 2], 0, 16)}))
    step = (1 << 61) - 1
    wrapping = {str(i): tensor([step], i * step, (i + 1) * step, "U8") for i in range(8)}
    write("models/wrapping.safetensors", file(wrapping))
    write("models/overlap.safetensors", file({"a": tensor([4], 0, 16), "b": tensor([4], 0, 16)}))
    write("models/pickle.safetensors", b"PK\x03\x04 and so on")


def configs():
    write("configs/nested.toml", "a = " + "[" * 3000)
    write("configs/tables.toml", "[" + ".".join("a" * 3000) + "]\n")
    write("configs/refiner.toml", "[refiner]\nfeature_maps = 1024\nblock_kernel_size = 31\nblocks = 64\n")
    write("configs/key.toml", "[training]\n" + "x" * 3000 + " = 1\n")


def checkpoints():
    def manifest(name):
        files = [{"name": name, "bytes": 1, "sha256": "ab"}]
        return json.dumps({"format": 4, "step": 1, "files": files})

    write("checkpoints/parent.json", manifest("../../config.toml"))
    write("checkpoints/absolute.json", manifest("/etc/passwd"))
    write("checkpoints/nested.json", '{"format": ' + "[" * 3000)


if __name__ == "__main__":
    for attack in (images, labels, unity_eyes, mpiigaze, tars, models, configs, checkpoints):
        attack()
