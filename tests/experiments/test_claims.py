"""The rules hold on the thesis's own numbers, and fail on numbers that say otherwise."""

import pytest

from experiments.claims import CLAIMS, Claim
from experiments.grid import Training, cells, published_errors

THESIS = published_errors()
NOT_THERE = ("gaussian_alone", "grayscale_gaussian")
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)


@each_claim
def test_the_rule_holds_on_the_published_numbers(claim: Claim) -> None:
    expected = None if claim.name in NOT_THERE else True
    assert claim.verdict(THESIS).holds is expected


@each_claim
def test_the_rule_fails_on_mirrored_numbers(claim: Claim) -> None:
    """Where the noise took much it takes little, and the other way round; or so with the
    augmentations alone."""
    plain = ("none", "crop_flip")
    errors = {cell.training: THESIS.get(_uniform(cell.training), 50.0) for cell in cells()}
    mirrored = [
        {
            training: error if training.train_data == "clean" or not chosen else 100 - error
            for training, error in errors.items()
            for chosen in [everything or training.augmentation not in plain]
        }
        for everything in (True, False)
    ]
    assert False in [claim.verdict(each).holds for each in mirrored]


def _uniform(training: Training) -> Training:
    augmentation = training.augmentation.replace("gaussian", "uniform")
    return Training(training.train_data, training.training, augmentation)


@each_claim
def test_the_evidence_names_the_data_and_the_numbers(claim: Claim) -> None:
    if claim.name not in NOT_THERE:
        assert any(character.isdigit() for character in claim.verdict(THESIS).evidence)


def test_a_missing_number_leaves_it_open() -> None:
    verdict = CLAIMS[0].verdict({})
    assert (verdict.holds, verdict.evidence) == (None, "")
