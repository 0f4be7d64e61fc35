"""The thesis's grid holds every number of the thesis, and names its trainings safely."""

import csv
import re
from dataclasses import replace
from pathlib import Path

from experiments.grid import Grid, read_grid
from experiments.training import Training

RESULTS = Path(__file__).parents[2] / "experiments" / "thesis_results.csv"


def test_every_published_number_is_a_cell(thesis: Grid) -> None:
    with RESULTS.open(newline="") as file:
        published = [float(row["value"]) for row in csv.DictReader(file)]
    assert [cell.value for cell in thesis.rows][: len(published)] == published
    assert len(published) > 200


def test_every_cell_has_a_run(thesis: Grid) -> None:
    trainings = {training for training, _ in thesis.runs()}
    assert {cell.training for cell in thesis.cells()} == trainings
    assert len(list(thesis.runs())) == len(set(thesis.runs()))


def test_what_the_thesis_calls_gaussian_is_compared_with_uniform_noise(thesis: Grid) -> None:
    values = {
        cell.training.augmentation: cell.value
        for cell in thesis.rows
        if cell.source == "Figure 3.6"
    }
    assert values["uniform_noise-0.05+crop_flip"] is not None
    assert values["gaussian_noise-0.05+crop_flip"] is None


def test_a_radius_that_the_thesis_leaves_to_the_text_is_that_of_the_data(thesis: Grid) -> None:
    radii = {cell.source: set() for cell in thesis.rows}  # type: dict[str, set[str]]
    for cell in thesis.rows:
        radii[cell.source].add(cell.training.training)
    assert radii["Table 3.1"] == {"standard", "fgsm-0.3", "pgd-0.3"}
    assert radii["Table 3.2"] == {"standard", "fgsm-8/255", "pgd-8/255"}


def test_the_core_rows_are_tables_3_3_and_3_5_and_pgd_of_3_4_with_every_seed(thesis: Grid) -> None:
    runs = list(replace(thesis, core=True).runs())
    assert len(runs) == 3 * (14 + 7 + 7)
    assert {seed for _, seed in runs} == {0, 1, 2}
    whole = list(thesis.runs())
    assert whole[: len(runs)] == runs
    assert {seed for _, seed in whole[len(runs) :]} == {0}


def test_a_page_before_the_end_holds_what_is_done(thesis: Grid) -> None:
    runs = list(thesis.runs())
    part = replace(thesis, done=frozenset([runs[0], runs[-1]]))
    assert list(part.runs()) == [runs[0], runs[-1]]
    assert {cell.training for cell in part.cells()} == {runs[0][0], runs[-1][0]}


def test_tables_3_1_and_3_2_test_under_attack_and_the_others_do_not(thesis: Grid) -> None:
    assert thesis.attacks(Training("clean", "standard", "crop_flip")) == ["fgsm", "pgd"]
    assert thesis.attacks(Training("mnist-clean", "fgsm-0.3", "none")) == ["fgsm", "pgd"]
    assert thesis.attacks(Training("S8", "standard", "crop_flip")) == []


def test_a_part_of_the_grid_tests_as_the_whole_does(thesis: Grid) -> None:
    training = Training("clean", "standard", "crop_flip")
    for part in (replace(thesis, core=True), replace(thesis, done=frozenset([(training, 0)]))):
        assert part.attacks(training) == thesis.attacks(training) != []


def test_the_noises_are_those_of_the_thesis_and_grayaug(thesis: Grid) -> None:
    assert sorted(thesis.noises()) == ["C2", "C4", "C8", "C8*", "G8", "S2", "S4", "S8", "S8*"]
    part = read_grid(thesis.file, [0], {"train_data": ["clean", "S4"]})
    assert part.noises() == ["S4"]


def test_a_folder_is_three_plain_words_and_that_of_one_training(thesis: Grid) -> None:
    folders = {training: thesis.names.folder(training) for training, _ in thesis.runs()}
    assert all(re.fullmatch(r"[\w.+-]+/[\w.+-]+/[\w.+-]+", each) for each in folders.values())
    assert len(set(folders.values())) == len(folders)
    assert folders[Training("S8*", "standard", "crop_flip")] == "S8gray/standard/crop_flip"
    assert folders[Training("S8", "pgd-8/255", "crop_flip")] == "S8/pgd-8_255/crop_flip"
