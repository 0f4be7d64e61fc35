"""The rules hold on the thesis's own numbers, and fail on numbers that say otherwise."""

import pytest

from experiments.claims import CLAIMS, Claim
from experiments.grid import Training, cells, published_errors

THESIS = published_errors()
NOT_THERE = ("gaussian_alone", "grayscale_gaussian", "grayaug_alone")
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)


@each_claim
def test_the_rule_holds_on_the_published_numbers(claim: Claim) -> None:
    expected = None if claim.name in NOT_THERE else True
    assert claim.verdict(THESIS).holds is expected


@each_claim
def test_the_rule_fails_on_mirrored_numbers(claim: Claim) -> None:
    """Where the noise took much it takes little, and the other way round. What is about a defence
    is refuted by mirroring what it does alone."""
    errors = {cell.training: THESIS.get(_uniform(cell.training), 50.0) for cell in cells()}
    for training, error in errors.items():
        plain = training.training == "standard" and training.augmentation in ("none", "crop_flip")
        if training.train_data != "clean" and not (plain and claim.undefended):
            errors[training] = 100 - error
    assert claim.verdict(errors).holds is False


def _uniform(training: Training) -> Training:
    augmentation = training.augmentation.replace("gaussian", "uniform")
    return Training(training.train_data, training.training, augmentation)


@each_claim
def test_the_evidence_names_the_data_and_the_numbers(claim: Claim) -> None:
    if claim.name not in NOT_THERE:
        assert any(character.isdigit() for character in claim.verdict(THESIS).evidence)


def test_what_the_noise_does_not_take_is_not_restored() -> None:
    jpeg = next(claim for claim in CLAIMS if claim.name == "jpeg")
    weak = THESIS | {Training("S8", "standard", "crop_flip"): 6.0}
    assert jpeg.verdict(weak).holds is True
    assert "S8" not in jpeg.verdict(weak).evidence
    verdict = jpeg.verdict(weak | {Training("C8", "standard", "crop_flip"): 6.0})
    assert (verdict.holds, verdict.word) == (None, "open")


def test_a_missing_number_leaves_it_open() -> None:
    verdict = CLAIMS[0].verdict({})
    assert (verdict.holds, verdict.evidence) == (None, "")
