"""The notebooks run from top to bottom, on small data."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SMALL = {"images": 60, "rounds": 2, "epochs": 2, "project": repr(str(Path(__file__).parents[1]))}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    names = [line.split(" = ")[0] for line in parameters.source.splitlines()]
    given = {name: value for name, value in SMALL.items() if name in ", ".join(names)}
    assert given
    lines = [f"{name} = {value}" for name, value in given.items()]
    parameters.source += "\n" + "\n".join([*lines, "import torch; torch.set_num_threads(1)"])
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": tmp_path}}).execute()
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 3
