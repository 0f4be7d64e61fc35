"""The page of a noise, a defence or an augmentation.

Idea, equation and remarks come from `docs/FOLDER/NAME.md` where that is, else from the docstring of
the class. All the rest is made from the code: paper, YAML, example, numbers, arguments.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from website import published
from website.entries import CONFIGS, Entry, Room, entries
from website.example import example

DOCS = Path(__file__).parents[1] / "docs"
_ARXIV = re.compile(r"(?:https://arxiv\.org/abs/|arXiv[ \n])(\d{4}\.\d{4,5})")


def method_page(entry: Entry, board: bool) -> str:
    """Markdown of the page.

    Args:
        entry: whose page.
        board: whether there is a leaderboard to link to.
    """
    words, text = by_hand(entry)
    parts = [text, *_picture(entry), f"**From** {linked(entry.source)}"]
    configs = sorted(entry.configs(), key=lambda path: path.stem != words.get("config"))
    parts += [_yaml(configs), "## From Python", f"```python\n{example(entry, configs)}\n```"]
    parts += _numbers(entry, words.get("published", []), board)
    parts += ["## Arguments", _arguments(entry)]
    return "\n\n".join(parts) + "\n"


def overview(room: Room) -> str:
    """Markdown of a list of all pages of a room, each with its first sentence."""
    rows = []
    for entry in entries(room):
        title, sentence = _first_words(by_hand(entry)[1])
        rows.append(f"- [{title}]({entry.file}.md): {sentence}")
    return f"# {room.title}\n\n" + "\n".join(rows) + "\n"


def by_hand(entry: Entry) -> tuple[dict[str, Any], str]:
    """Front matter and text of the page that somebody wrote, or of one from the docstring."""
    path = DOCS / entry.room.folder / f"{entry.file}.md"
    if not path.is_file():
        return {}, f"# {entry.name}\n\n{entry.doc.strip()}"
    text = path.read_text("utf-8").strip()
    if not text.startswith("---\n"):
        return {}, text
    front, _, text = text.removeprefix("---\n").partition("\n---\n")
    return yaml.safe_load(front), text.strip()


def linked(text: str) -> str:
    """The text in one line, with its arXiv numbers as links."""
    return _ARXIV.sub(r"[arXiv \1](https://arxiv.org/abs/\1)", " ".join(text.split()))


def _first_words(text: str) -> tuple[str, str]:
    """Title and first sentence of a page."""
    title, _, rest = text.partition("\n")
    paragraph = " ".join(rest.strip().split("\n\n")[0].split())
    return title.removeprefix("# "), re.split(r"(?<=\.) (?=[A-Z])", paragraph)[0]


def _picture(entry: Entry) -> list[str]:
    if not (DOCS / entry.room.folder / f"{entry.file}.png").is_file():
        return []
    return [
        f"![Clean images, {entry.name}'s noise, poisoned images]({entry.file}.png)",
        "*Drawn shapes: clean, the noise (grey is none, black and white are its bound), poisoned. "
        "Made by `python -m website.pictures`.*",
    ]


def _yaml(configs: list[Path]) -> str:
    """The first config open, the others folded."""
    parts = ["## Run it"]
    for number, path in enumerate(configs):
        name = path.relative_to(CONFIGS).as_posix()
        block = f'```yaml title="configs/{name}"\n{path.read_text("utf-8").rstrip()}\n```'
        if number:
            block = f'??? note "{name}"\n' + "\n".join(f"    {line}" for line in block.split("\n"))
        parts.append(block)
    if len(parts) == 1:
        parts.append("No config of the package names it alone; a YAML of yours may.")
    return "\n\n".join(parts)


def _numbers(entry: Entry, names: list[str], board: bool) -> list[str]:
    """Published numbers if the page names any, and where ours are."""
    table = published.of_noise if entry.room.folder == "noises" else published.of_training
    parts = ["## Numbers"]
    parts += [table(name) for name in names]
    parts += [f"**Published, not ours.** {published.sources()}"] if names else []
    if board:
        ours = "Ours, measured with this library: [leaderboard](../leaderboard.md)"
        parts.append(f"{ours} and [the thesis's tables](../results.md).")
    else:
        parts.append("Ours, measured with this library: [results](../results.md).")
    return parts


def _arguments(entry: Entry) -> str:
    """The docstring; what other pages refer to is the reference."""
    return f"""::: {entry.path}
    options:
      skip_local_inventory: true
      heading_level: 3
      members: false
"""
