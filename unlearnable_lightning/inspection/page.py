"""One page to look at, which needs nothing beside it: tables, and pictures within the file."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PIL import Image

from unlearnable_lightning.inspection.drawing import COLOURS, OTHER
from unlearnable_lightning.inspection.lines import Table

_STYLE = """
body { font: 15px/1.45 sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; margin: 0.5em 0 1.5em }
td, th { padding: 0.15em 0.9em 0.15em 0; text-align: left; border-bottom: 1px solid #e4e4e4 }
td.number, th.number { text-align: right }
td.remark { color: #666 }
figure { margin: 0 1.5em 1.5em 0; display: inline-block; vertical-align: top; max-width: 460px }
figure.wide { display: block; max-width: 100% }
figure img { max-width: 100%; display: block }
figcaption { color: #444; font-size: 14px; margin-top: 0.4em }
.dot { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 50%; margin-right: 0.3em }
.class { margin-right: 1em; white-space: nowrap }
"""


@dataclass(frozen=True)
class Picture:
    """A picture with what it shows.

    Attributes:
        image: of any size.
        caption: plain text.
        wide: whether it takes the width of the page.
    """

    image: Image.Image
    caption: str
    wide: bool = False


def page(
    title: str,
    about: Sequence[str],
    tables: Sequence[Table],
    pictures: Sequence[Picture],
    class_names: Sequence[str],
) -> str:
    """HTML of the whole page.

    Args:
        title: of the page.
        about: sentences on what was inspected, a paragraph each.
        tables: of the measures.
        pictures: what they show; wide ones come first.
        class_names: of the classes that occur, in the order of their colours.
    """
    wide = [_figure(each) for each in pictures if each.wide]
    narrow = [_figure(each) for each in pictures if not each.wide]
    body = [
        f"<h1>{escape(title)}</h1>",
        *(f"<p>{escape(each)}</p>" for each in about),
        *wide,
        *map(_table, tables),
        "<h2>Pictures</h2>",
        _legend(class_names),
        *narrow,
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return "\n".join(["<!doctype html>", f'<html lang="en"><head>{head}</head><body>', *body,
                      "</body></html>", ""])  # fmt: skip


def png(picture: Image.Image) -> bytes:
    """The file of a picture."""
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _figure(picture: Picture) -> str:
    data = base64.b64encode(png(picture.image)).decode()
    text = escape(picture.caption)
    kind = ' class="wide"' if picture.wide else ""
    return (
        f'<figure{kind}><img alt="{text}" src="data:image/png;base64,{data}">'
        f"<figcaption>{text}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    head = "".join(_cell("th", text, place, table) for place, text in enumerate(table.head))
    rows = (
        "".join(_cell("td", text, place, table) for place, text in enumerate(row))
        for row in table.rows
    )
    lines = "\n".join(f"<tr>{cells}</tr>" for cells in (head, *rows))
    return f"<h2>{escape(table.title)}</h2>\n<table>\n{lines}\n</table>"


def _cell(tag: str, text: str, place: int, table: Table) -> str:
    last = place == len(table.head) - 1
    kind = "" if place == 0 else ' class="remark"' if last else ' class="number"'
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


def _legend(class_names: Sequence[str]) -> str:
    known = list(zip(class_names, COLOURS, strict=False))
    more = len(class_names) - len(known)
    if more:
        known.append((f"{more} other classes", OTHER))
    dots = (
        f'<span class="class"><span class="dot" style="background:{colour}"></span>'
        f"{escape(name)}</span>"
        for name, colour in known
    )
    return f"<p>{' '.join(dots)}</p>"
