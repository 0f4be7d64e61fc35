"""What a noise says of itself, in a small file: a table needs no noise, which may lie elsewhere.

python -m experiments.record FOLDER
"""

import json
import sys
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

RECORD = "record.json"
_LOGGED = "noise/"  # how tags of the noise itself begin


def write(run: Path) -> None:
    """Writes `record.json` beside the noise of a run: `made_by` and `versions` of the noise file,
    and `logged`, what the run's log says of the noise after its last round.

    Args:
        run: the folder of `noise.safetensors`.

    Raises:
        UnlearnableError: the file is no noise.
    """
    from unlearnable_lightning.release import Release  # the table reads records without torch

    noise = Release.load(run / "noise.safetensors")
    found = {"made_by": noise.made_by, "versions": noise.versions, "logged": logged(run)}
    (run / RECORD).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def logged(run: Path) -> dict[str, float]:
    """The last value of each scalar of the noise in the TensorBoard files of a run."""
    events = EventAccumulator(str(run), size_guidance={"scalars": 0}).Reload()
    tags = [tag for tag in events.Tags()["scalars"] if tag.startswith(_LOGGED)]
    return {tag.removeprefix(_LOGGED): events.Scalars(tag)[-1].value for tag in tags}


def read(run: Path) -> dict[str, Any]:
    """The record of a run's noise."""
    found: dict[str, Any] = json.loads((run / RECORD).read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    write(Path(sys.argv[1]))
