"""The notebooks run from top to bottom, and what is stored in them is what they give.

They run here on small data, so numbers differ from those that are stored, and differ between
machines too. The rule: all else must be the same. Each cell gives the same words in the same order
once numbers are taken out, and as many pictures and tables, as the stored ones.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from website.run_notebooks import run, shown

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
SMALL = {"images": 60, "rounds": 2, "epochs": 2, "project": str(PROJECT)}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\bnan\b)", re.IGNORECASE)


def words(output: NotebookNode) -> list[str]:
    """The text of an output without its numbers."""
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return NUMBER.sub("#", text).split()


def told(notebook: NotebookNode) -> list[Any]:
    """What each cell gives: kinds of output and words; printed pieces as one."""
    cells: list[Any] = []
    for cell in notebook.cells:
        outputs = [each for each in cell.get("outputs", []) if shown(each)]
        kinds = [sorted(each.get("data", {})) for each in outputs if each.get("data")]
        pictures = ["image/png" in each.get("data", {}) for each in outputs]
        text = [words(each) for each, picture in zip(outputs, pictures, strict=True) if not picture]
        cells.append((kinds, [word for piece in text for word in piece]))
    return cells


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestEveryNotebook:
    def test_it_runs_and_gives_what_is_stored(self, path: Path) -> None:
        stored, again = (nbformat.read(path, as_version=4) for _ in range(2))
        run(again, SMALL)
        assert told(again) == told(stored)

    def test_pictures_and_numbers_are_stored(self, path: Path) -> None:
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        outputs = [output for cell in cells for output in cell.outputs]
        assert sum("image/png" in each.get("data", {}) for each in outputs) >= 2
        assert sum("text" in each or "text/html" in each.get("data", {}) for each in outputs) >= 1
        assert all(map(shown, outputs))
        assert path.stat().st_size < 300 * 1024


def test_a_changed_word_is_found_and_a_changed_number_is_not() -> None:
    def notebook(text: str) -> NotebookNode:
        output = nbformat.v4.new_output("stream", name="stdout", text=text)
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])

    before = told(notebook("poisoned  11.2 %\n"))
    assert told(notebook("poisoned 9.87 %\n")) == before
    assert told(notebook("clean 11.2 %\n")) != before
