"""The table of `test`: attack × (loss, accuracy, error), printed and written."""

import codecs
import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning as L

from unlearnable_lightning.callbacks.best import Choice
from unlearnable_lightning.files import replacing
from unlearnable_lightning.modules.versions import device_name, versions

MEANING = {
    "initial": "weights before any training; give --ckpt_path to test trained ones",
    "last": "weights of the tested checkpoint, or after the last epoch",
    "best": "weights of the epoch with the {}",
}


def write_table(
    trainer: L.Trainer,
    folder: Path | None,
    table: list[dict[str, Any]],
    arguments: dict[str, Any],
    best_by: Choice | None,
) -> None:
    """Prints the table, unless the Trainer is told to be quiet, and writes it as CSV and JSON.

    Args:
        trainer: its own, wider table is replaced.
        folder: where `test.csv` and `test.json` go; None writes nothing.
        table: rows with weights, attack, loss, accuracy and error.
        arguments: of the module, for the JSON file.
        best_by: what chose the best weights, if there are any in the table.
    """
    if not trainer.is_global_zero:
        return
    if trainer.test_loop.verbose:
        print("\n" + format_table(table, best_by))  # the progress bar leaves its line open
        trainer.test_loop.verbose = False
    if folder is None:
        return
    with replacing(folder / "test.csv") as file:
        writer = csv.DictWriter(codecs.getwriter("utf-8")(file), list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    result = {
        "table": table,
        "best": None if best_by is None else asdict(best_by),
        "arguments": arguments,
        "epochs": trainer.current_epoch,
        "device": device_name(trainer.strategy.root_device),
        "versions": versions(),
    }
    with replacing(folder / "test.json") as file:
        file.write(json.dumps(result, indent=1).encode())


def format_table(table: list[dict[str, Any]], best_by: Choice | None = None) -> str:
    """The rows as text, best weights explained below."""
    lines = [f"{'weights':8}{'attack':8}{'loss':>10}{'accuracy %':>12}{'error %':>10}"]
    for row in table:
        lines.append(
            f"{row['weights']:8}{row['attack']:8}{row['loss']:10.4f}"
            f"{100 * row['accuracy']:12.2f}{100 * row['error']:10.2f}"
        )
    names = dict.fromkeys(row["weights"] for row in table)
    lines += [f"{name}: {MEANING[name].format(best_by)}" for name in names]
    return "\n".join(lines)
