"""The grid holds every number of the thesis, and names its trainings safely."""

import csv
import re
from dataclasses import replace

import pytest

from experiments.grid import THESIS, Grid, Training, cells

WHOLE = Grid(only={}, core=False, seeds=[0, 1, 2])
CORE = Grid(only={}, core=True, seeds=[0, 1, 2])


def test_every_published_number_is_a_cell() -> None:
    with THESIS.open(newline="") as file:
        published = [float(row["value"]) for row in csv.DictReader(file)]
    assert [cell.value for cell in cells()][: len(published)] == published
    assert len(published) > 200


def test_every_cell_has_a_run() -> None:
    trainings = {training for training, _ in WHOLE.runs()}
    assert {cell.training for cell in WHOLE.cells()} == trainings
    assert len(list(WHOLE.runs())) == len(set(WHOLE.runs()))


def test_what_the_thesis_calls_gaussian_is_compared_with_uniform_noise() -> None:
    of = {cell.training.augmentation: cell.value for cell in cells() if cell.source == "Figure 3.6"}
    assert of["uniform_noise-0.05+crop_flip"] is not None
    assert of["gaussian_noise-0.05+crop_flip"] is None


def test_the_core_rows_are_tables_3_3_and_3_5_and_pgd_of_3_4_with_every_seed() -> None:
    runs = list(CORE.runs())
    assert len(runs) == 3 * (14 + 7 + 7)
    assert {seed for _, seed in runs} == {0, 1, 2}
    whole = list(WHOLE.runs())
    assert whole[: len(runs)] == runs
    assert {seed for _, seed in whole[len(runs) :]} == {0}


def test_a_page_before_the_end_holds_what_is_done() -> None:
    runs = list(WHOLE.runs())
    part = replace(WHOLE, done=frozenset([runs[0], runs[-1]]))
    assert list(part.runs()) == [runs[0], runs[-1]]
    assert {cell.training for cell in part.cells()} == {runs[0][0], runs[-1][0]}


def test_tables_3_1_and_3_2_test_under_attack_and_the_others_do_not() -> None:
    assert WHOLE.attacks(Training("clean", "standard", "crop_flip")) == ["fgsm", "pgd"]
    assert WHOLE.attacks(Training("mnist-clean", "fgsm-0.3", "none")) == ["fgsm", "pgd"]
    assert WHOLE.attacks(Training("S8", "standard", "crop_flip")) == []


def test_the_noises_are_those_of_the_thesis_and_grayaug() -> None:
    assert sorted(WHOLE.noises()) == ["C2", "C4", "C8", "C8*", "G8", "S2", "S4", "S8", "S8*"]
    assert Grid({"train_data": ["clean", "S4"]}, core=False, seeds=[0]).noises() == ["S4"]


@pytest.mark.parametrize("training", dict.fromkeys(t for t, _ in WHOLE.runs()), ids=str)
def test_a_folder_is_three_plain_words_and_says_which_training_it_is(training: Training) -> None:
    assert re.fullmatch(r"[\w.+-]+/[\w.+-]+/[\w.+-]+", training.folder)
    assert Training.of_folder(training.folder) == training
