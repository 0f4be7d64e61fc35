"""The table of `test`: attack × (loss, accuracy, error), printed and written."""

import codecs
import csv
from pathlib import Path
from typing import Any

import lightning as L

from unlearnable_lightning.files import replacing
from unlearnable_lightning.report.poisoning import Poisoning
from unlearnable_lightning.report.test_result import AttackResult, Choice, TestResult
from unlearnable_lightning.report.text_table import plain
from unlearnable_lightning.run.device import device_name
from unlearnable_lightning.run.own_table import replace_test_table
from unlearnable_lightning.run.versions import versions


def write_table(
    trainer: L.Trainer,
    folder: Path | None,
    table: list[dict[str, Any]],
    arguments: dict[str, Any],
    choices: dict[str, Choice],
    poisoning: Poisoning,
    seed: int | None,
) -> None:
    """Prints the table, unless the Trainer is told to be quiet, and writes it as CSV and JSON.

    Args:
        trainer: its own, wider table is replaced.
        folder: where `test.csv` and `test.json` go; None writes nothing.
        table: rows with weights, attack, loss, accuracy and error.
        arguments: of the module, for the JSON file.
        choices: what chose weights, by their name in the table.
        poisoning: of the images that the model was trained on.
        seed: of that training.
    """
    if not trainer.is_global_zero:
        return
    rows = tuple(AttackResult.from_row(row) for row in table)
    if replace_test_table(trainer):
        print("\n" + plain(rows, choices, poisoning))  # the progress bar leaves its line open
    if folder is None:
        return
    with replacing(folder / "test.csv") as file:
        writer = csv.DictWriter(codecs.getwriter("utf-8")(file), list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    device = device_name(trainer.strategy.root_device)
    TestResult(
        rows,
        arguments,
        trainer.current_epoch,
        device,
        versions(),
        choices,
        poisoning.rate,
        poisoning.classes,
        poisoning.noise,
        seed,
        str(trainer.precision),
    ).save(folder / "test.json")
