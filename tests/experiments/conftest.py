"""The profiles, and the thesis's grid."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from experiments.grid import Grid, read_grid

ROOT = Path(__file__).parents[2]
PROFILES = sorted((ROOT / "experiments" / "profiles").glob("*.yaml"))


@pytest.fixture(params=PROFILES, ids=lambda path: path.stem)
def profile(request: Any) -> dict[str, Any]:
    """Each of `experiments/profiles`."""
    return yaml.safe_load(request.param.read_text())


@pytest.fixture(scope="session")
def thesis() -> Grid:
    """The whole grid of the thesis, with three seeds."""
    return read_grid(ROOT / "experiments" / "grids" / "thesis.yaml", [0, 1, 2])
