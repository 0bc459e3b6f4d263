"""Stands for `pip install`: compiles for a while, then writes packages. The same requirements give the same files."""

import hashlib
import json
import pathlib
import random
import sys

requirements, target = map(pathlib.Path, sys.argv[1:])
size = json.loads(pathlib.Path("install.json").read_text())
packages = [line.split("==") for line in requirements.read_text().split()]
share = size["dependencies"] * 1_000_000 // len(packages)

for name, version in packages:
    seed = f"{name} {version}"
    hashlib.pbkdf2_hmac("sha256", seed.encode(), b"compile", size["hashing"] // len(packages))
    chance = random.Random(seed)
    package = target / name
    package.mkdir(parents=True)
    (package / "version.txt").write_text(version)
    (package / "library.so").write_bytes(chance.randbytes(share * 2 // 5))
    text = chance.randbytes(500_000).hex().encode()
    for number in range(150):
        start = chance.randrange(len(text) // 2)
        (package / f"module{number}.py").write_bytes(text[start : start + share * 3 // 5 // 150])
    print(f"installed {name} {version}", flush=True)
