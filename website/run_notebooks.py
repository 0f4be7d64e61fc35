"""`python -m website.run_notebooks [NAME…]`: runs the notebooks and stores them with their outputs.

What a reader sees is kept: printed text, tables, pictures. Logs and warnings (stderr) are left out.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

PROJECT = Path(__file__).parents[1]
FOLDER = PROJECT / "notebooks"
FIGURES = "%config InlineBackend.print_figure_kwargs = {'dpi': 60, 'bbox_inches': 'tight'}"


def run(notebook: Any, given: dict[str, Any]) -> None:
    """Runs a notebook in an empty folder, and leaves its outputs in it.

    Args:
        notebook: of `nbformat.read`; the cell of its tag `parameters` says what may be given.
        given: values of its parameters.
    """
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    source = cell.source
    names = {name.strip() for line in source.splitlines() for name in line.split("=")[0].split(",")}
    lines = [f"{name} = {value!r}" for name, value in given.items() if name in names]
    cell.source = "\n".join([source, FIGURES, "import torch; torch.set_num_threads(1)", *lines])
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=3600, resources=resources).execute()
    cell.source = source
    for each in notebook.cells:
        each.metadata.pop("execution", None)
        if each.cell_type == "code":
            each.outputs = [output for output in each.outputs if shown(output)]


def shown(output: Any) -> bool:
    """Whether a reader is to see it."""
    return not (output.output_type == "stream" and output.name == "stderr")


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.ipynb")):
        if len(sys.argv) > 1 and path.stem not in sys.argv[1:]:
            continue
        read = nbformat.read(path, as_version=4)
        run(read, {"project": str(PROJECT)})
        nbformat.write(read, path)
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB")
