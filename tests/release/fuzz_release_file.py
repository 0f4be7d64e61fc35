"""Reads mutated releases: `python tests/release/fuzz_release_file.py COUNT [SEED]`.

Each must give the identical release or be refused with `NoiseFileError`. The process may allocate
little more than it has, so a file that lies about its size ends it with a MemoryError.
"""

import hashlib
import json
import random
import resource
import struct
import sys
import tempfile
from pathlib import Path

import torch

from unlearnable_lightning.release import Bound, DataSource, NoiseFileError, Release

MEBIBYTE = 2**20


def noise_file(path: Path) -> bytes:
    """A release of 1.2 MB that changes 400 of 500 images."""
    names = tuple(f"class {k}" for k in range(10))
    source = DataSource("fuzz", "train", (500, 3, 32, 32), names, hashlib.sha256().hexdigest())
    Release(
        difference=torch.randint(-8, 9, (400, 3, 32, 32)).to(torch.int8),
        kind="samplewise",
        source=source,
        made_by={
            "class_path": "a.B",
            "arguments": {"steps": 20, "model": "resnet18"},
            "seed": 0,
            "rounds": 3,
            "error": 0.005,
            "finished": True,
        },
        bound=Bound("linf", 8 / 255),
        rows=torch.randperm(500)[:400].sort().values,
        versions={"torch": "2"},
    ).save(path)
    return path.read_bytes()


def mutate(content: bytes, draw: random.Random) -> bytes:
    """One to three random changes, most of them in the header, where they can do most."""
    changed = bytearray(content)
    for _ in range(draw.randint(1, 3)):
        header = 8 + struct.unpack("<Q", content[:8])[0]
        place = draw.randrange(header if draw.random() < 0.8 else len(content))
        place = min(place, len(changed) - 1)
        match draw.randrange(8):
            case 0:
                changed[place] ^= 1 << draw.randrange(8)
            case 1:
                changed[place : place + draw.randint(1, 64)] = draw.randbytes(draw.randint(0, 64))
            case 2:
                del changed[max(place, 1) :]
            case 3:
                changed[:8] = struct.pack("<Q", draw.choice([0, 1, 2**31, 2**63, place]))
            case 4:
                other = draw.randrange(len(changed))
                changed[place : place + 32] = changed[other : other + 32]
            case 5:  # another number, perhaps an offset or a size
                digits = str(draw.choice([-1, 0, 2**31, 2**62, 10**30, 1e308])).encode()
                changed[place : place + len(digits)] = digits
            case 6:
                changed += draw.randbytes(draw.randint(1, 4096))
            case 7:  # a JSON text that stays one, of another shape
                shape = json.dumps([2**20, 3, 2**15, 2**15]).encode()
                changed = changed.replace(b"[400,3,32,32]", shape)
    return bytes(changed)


def address_space() -> int:
    """Bytes of it that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def fuzz(count: int, seed: int) -> dict[str, int]:
    """How many files were refused, and how many read the same."""
    seen = {"refused": 0, "identical": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise.safetensors"
        content = noise_file(path)
        noise = Release.load(path)
        draw = random.Random(seed)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (address_space() + 64 * MEBIBYTE, hard))
        for _ in range(count):
            path.write_bytes(mutate(content, draw))
            try:
                read = Release.load(path)
            except NoiseFileError:
                seen["refused"] += 1
            else:
                assert torch.equal(read.difference, noise.difference)
                assert torch.equal(read.rows, noise.rows)
                assert (read.source, read.made_by) == (noise.source, noise.made_by)
                seen["identical"] += 1
    return seen


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(fuzz(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
