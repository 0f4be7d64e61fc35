"""The leaderboard as one HTML file: sorted by a click on a column, a cell says how it was made."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from experiments.board.noises_page import FACTS
from experiments.board.scores import Board, Treatment
from experiments.claim import Claim, Verdict
from experiments.commands import anywhere, train, train_folder
from experiments.training import Training
from experiments.words import Words

_TEMPLATE = Path(__file__).with_name("page_to_click.html")


def write(
    path: Path,
    board: Board,
    profile: dict[str, Any],
    words: Words,
    claims: Sequence[tuple[Claim, Verdict]] = (),
) -> None:
    """Writes the file, which needs no other.

    Args:
        path: of the HTML file.
        board: of all runs.
        profile: one of `profiles/`.
        words: title, legend and published numbers.
        claims: about the numbers, with what they say.
    """
    victims = {each: board.victim_title(each) for each in board.victims}
    defences = {each: board.title(each) for each in board.treatments}
    tables = {
        "Defences": defences,
        **({"Other victims, without a defence": victims} if victims else {}),
    }
    facts = {
        "rows": [board.clean, *board.noises],
        "labels": {data: board.label(data) for data in [board.clean, *board.noises]},
        "boards": [_board(board, profile, title, columns) for title, columns in tables.items()],
        "claims": [
            [claim.text, claim.rule, found.evidence or "not measured", found.word.strip("*")]
            for claim, found in claims
        ],
        "noise": {name: facts for name, facts in board.noise_facts.items() if name in board.noises},
        "facts": {"seconds": ("made in, s", 0), **FACTS},
        "published": words.published_tables,
    }
    # a label that holds "</script>" would end the script
    data = json.dumps(facts).replace("<", "\\u003c")
    html = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=_text(words.title),
        about=_text(profile["about"].strip()),
        legend=_text(words.legend.strip()),
        published=_text(words.published.strip()),
        data=data,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")


def _board(
    board: Board, profile: dict[str, Any], title: str, columns: Mapping[Treatment, str]
) -> dict[str, Any]:
    """A table of the page."""
    cells = {
        data: [_cell(board, profile, data, each) for each in columns]
        for data in [board.clean, *board.noises]
    }
    return {"title": title, "columns": list(columns.values()), "cells": cells}


def _cell(board: Board, profile: dict[str, Any], data: str, treatment: Treatment) -> dict[str, Any]:
    """What a cell shows and what a click on it says; without scores if it is not run yet."""
    training = Training(data, *treatment)
    seed = board.grid.seeds[0]
    command = train(anywhere(profile), board.grid, training, seed)
    folder = f"runs/{profile['name']}/{train_folder(board.grid, training, seed)}"
    said: dict[str, Any] = {"command": command, "folder": folder}
    score = board.score(data, treatment)
    if score is None:
        return said
    share = None if data == board.clean else board.share_taken(data, treatment)
    return {
        **said,
        "last": score.last,
        "best": score.best,
        "share": share,
        "seconds": score.seconds,
        "curves": board.curves.get(training, {}),
    }


def _text(markdown: str) -> str:
    plain = markdown.replace("\\*", "\0").replace("*", "").replace("`", "").replace("\0", "*")
    return plain.replace("&", "&amp;").replace("<", "&lt;")
