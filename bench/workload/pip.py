#!/usr/bin/env python3
"""Stands for `pip install --requirement FILE --target DIRECTORY`: compiles for a while, then writes packages.

The same requirements give the same files. How big they are stands in /etc/pip.json."""

import argparse
import hashlib
import json
import pathlib
import random

parser = argparse.ArgumentParser(prog="pip")
parser.add_argument("command", choices=["install"])
parser.add_argument("--requirement", type=pathlib.Path)
parser.add_argument("--target", type=pathlib.Path)
arguments = parser.parse_args()

size = json.loads(pathlib.Path("/etc/pip.json").read_text())
packages = [line.split("==") for line in arguments.requirement.read_text().split()]
share = size["dependencies"] * 1_000_000 // len(packages)

for name, version in packages:
    seed = f"{name} {version}"
    hashlib.pbkdf2_hmac("sha256", seed.encode(), b"compile", size["hashing"] // len(packages))
    chance = random.Random(seed)
    package = arguments.target / name
    package.mkdir(parents=True)
    (package / "version.txt").write_text(version)
    (package / "library.so").write_bytes(chance.randbytes(share * 2 // 5))
    text = chance.randbytes(500_000).hex().encode()
    for number in range(150):
        start = chance.randrange(len(text) // 2)
        (package / f"module{number}.py").write_bytes(text[start : start + share * 3 // 5 // 150])
    print(f"installed {name} {version}", flush=True)
