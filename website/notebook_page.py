"""A notebook as a page: its cells, their printed text and pictures."""

import base64
from pathlib import Path
from typing import Any

import nbformat

_MOST_LINES = 40  # of printed text


def notebook_page(path: Path, pictures: dict[str, bytes]) -> str:
    """Markdown of a notebook.

    Args:
        path: of the `.ipynb`.
        pictures: takes up its pictures, by their paths below docs/.
    """
    parts = []
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for index, output in enumerate(cell.outputs):
            name = f"{path.stem}_{number}_{index}.png"
            if png := output.get("data", {}).get("image/png"):
                pictures[f"notebooks/{name}"] = base64.b64decode(png)
                parts.append(f"![output of the cell above]({name})")
            elif text := printed(output):
                parts.append(_shown(text))
    return "\n\n".join([*parts, f"*This page is `notebooks/{path.name}`.*"]) + "\n"


def printed(output: Any) -> str:
    """The text of an output: printed, or the value of the cell."""
    text: str = output.get("text") or output.get("data", {}).get("text/plain", "")
    return text.rstrip()


def _shown(text: str) -> str:
    lines = text.split("\n")[:_MOST_LINES]
    return "```text\n" + "\n".join(lines) + "\n```"
