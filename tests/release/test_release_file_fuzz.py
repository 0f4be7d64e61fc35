"""Mutated releases: each is refused or reads the same, in bounded memory."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's memory limits")
@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_mutated_files_are_refused_or_read_the_same(count: int) -> None:
    script = Path(__file__).with_name("fuzz_release_file.py")
    done = subprocess.run(
        [sys.executable, str(script), str(count)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = ast.literal_eval(done.stdout)
    assert sum(seen.values()) == count
    assert seen["refused"] > 0.9 * count
