"""All sources of the site in one folder: `mkdocs.yml` and `docs/`.

The pages are plain Markdown when the builder sees them. So no hook or plugin of it is ours, and
another builder that reads `mkdocs.yml` can take its place.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from website.entries import ROOMS, entries
from website.links import at_home
from website.method_page import method_page, overview
from website.notebook_page import notebook_page
from website.reference import reference_pages

PROJECT = Path(__file__).parents[1]


def write_sources(folder: Path) -> None:
    """Writes them anew.

    Args:
        folder: taken away first, if it is there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    docs = folder / "docs"
    shutil.copytree(PROJECT / "docs", docs)
    pictures: dict[str, bytes] = {}
    pages = all_pages(pictures)
    for name, text in pages.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")
    for name, data in pictures.items():
        (docs / name).write_bytes(data)
    config = yaml.safe_load((PROJECT / "mkdocs.yml").read_text(encoding="utf-8"))
    names = sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
    (mkdocstrings,) = (each for each in config["plugins"] if isinstance(each, dict))
    python = mkdocstrings["mkdocstrings"]["handlers"]["python"]
    python["paths"] = [str(PROJECT)]
    python["options"]["extensions"] = [str(PROJECT / "website" / "docstrings.py")]
    config["nav"] = _there(config["nav"], names)
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    (folder / "mkdocs.yml").write_text(text, encoding="utf-8")


def all_pages(pictures: dict[str, bytes]) -> dict[str, str]:
    """What is not in docs/ as it is: paths below it, and their Markdown.

    Args:
        pictures: takes up those of the notebooks.
    """
    pages = {path.name: path.read_text("utf-8") for path in (PROJECT / "docs").glob("*.md")}
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        pages[name.lower()] = (PROJECT / name).read_text("utf-8")
    board = "leaderboard.md" in pages
    for room in ROOMS:
        pages |= {
            f"{room.folder}/{each.file}.md": method_page(each, board) for each in entries(room)
        }
        pages[f"{room.folder}/all.md"] = overview(room)
    for path in sorted((PROJECT / "notebooks").glob("*.ipynb")):
        pages[f"notebooks/{path.stem}.md"] = notebook_page(path, pictures)
    pages = {name: at_home(name, text) for name, text in pages.items()}
    return pages | reference_pages()


def _there(nav: list[Any], names: list[str]) -> list[Any]:
    """The entries whose pages exist; `folder/` is its pages but `all.md` and `index.md`."""
    kept: list[Any] = []
    for entry in nav:
        if isinstance(entry, str) and entry.endswith("/"):
            kept += [
                each for each in names if re.fullmatch(entry + r"(?!all\.md|index\.md)[^/]+", each)
            ]
        elif isinstance(entry, str):
            kept += [entry] if entry in names else []
        else:
            ((title, inner),) = entry.items()
            if isinstance(inner, list):
                kept += [{title: _there(inner, names)}]
            else:
                kept += [{title: inner}] if inner in names else []
    return kept
