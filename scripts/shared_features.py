#!/usr/bin/env python3
"""Tells which packages the Python package's workspace compiles with other features than the workspace above.

Such a package, and all that stands on it, is compiled twice. It is no error, only slow: name the features in
python/Cargo.toml.
"""

import subprocess
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREE = "cargo tree --locked --prefix none --no-dedupe --edges normal,build,dev --format {p}|{f}".split()


def features(folder: Path) -> dict[str, set[str]]:
    """Features that packages are compiled with, by name and version."""
    done = subprocess.run([*TREE, "--workspace"], cwd=folder, capture_output=True, text=True, check=True)
    found = defaultdict(set)
    for line in done.stdout.splitlines():
        package, _, names = line.replace(" (*)", "").partition("|")
        found[package.replace(" (proc-macro)", "")].add(names)
    return found


def main() -> None:
    above, own = features(ROOT), features(ROOT / "python")
    for package in sorted(own):
        if not package.startswith("simgan") and above.get(package, own[package]) != own[package]:
            print(f"compiled twice: {package}: {own[package]} / {above[package]}")


if __name__ == "__main__":
    main()
