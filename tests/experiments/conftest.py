"""The profiles, and numbers to fill tables with."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROFILES = sorted((ROOT / "experiments" / "profiles").glob("*.yaml"))


@pytest.fixture(params=PROFILES, ids=lambda path: path.stem)
def profile(request: Any) -> dict[str, Any]:
    """Each of `experiments/profiles`."""
    return yaml.safe_load(request.param.read_text())
