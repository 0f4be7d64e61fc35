"""The rules hold on the thesis's own numbers, and fail on numbers that say otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.claim import Claim
from experiments.claims import read_claims
from experiments.grid import read_grid
from experiments.training import Training

GRID = read_grid(Path(__file__).parents[2] / "experiments" / "grids" / "thesis.yaml", [0])
CLAIMS = read_claims(GRID)
THESIS = {training: {0: error} for training, error in GRID.published_errors().items()}
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
    errors = {cell.training: THESIS.get(_uniform(cell.training), {0: 50.0}) for cell in GRID.rows}
    for training, error in errors.items():
        plain = training.training == "standard" and training.augmentation in ("none", "crop_flip")
        if training.train_data != "clean" and not (plain and claim.undefended):
            errors[training] = {0: 100 - error[0]}
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
    weak = THESIS | {Training("S8", "standard", "crop_flip"): {0: 6.0}}
    assert jpeg.verdict(weak).holds is True
    assert "S8" not in jpeg.verdict(weak).evidence
    verdict = jpeg.verdict(weak | {Training("C8", "standard", "crop_flip"): {0: 6.0}})
    assert (verdict.holds, verdict.word) == (None, "open")


def test_a_seed_is_compared_with_itself_and_with_no_seed_that_is_not_everywhere() -> None:
    clean, poisoned = (Training(data, "standard", "none") for data in ("clean", "S8"))
    errors = {clean: {0: 10.0, 1: 50.0}, poisoned: {0: 50.0, 1: 90.0, 2: 0.0}}
    claim = CLAIMS[0]
    assert claim.shares_lost(errors, [poisoned]) == [pytest.approx((0.5 + 1) / 2)]
    other = Training("C8", "standard", "none")
    shares = claim.shares_lost(errors | {other: {1: 70.0}}, [poisoned, other])
    assert shares == [pytest.approx(1), pytest.approx(0.5)]


@pytest.mark.parametrize(
    ("condition", "shares", "holds"),
    [
        ({"at_least": 0.5}, (0.5, 0.9), True),
        ({"at_least": 0.5}, (0.4, 0.9), False),
        ({"at_most": 0.5}, (0.5, 0.1), True),
        ({"at_most": 0.5}, (0.6, 0.1), False),
        ({"at_least": 0.2, "at_most": 0.5}, (0.3, 0.1), False),
        ({"each_more_by": 0.1}, (0.1, 0.5, 0.3, 0.7), True),
        ({"each_more_by": 0.1}, (0.1, 0.5, 0.9, 0.55), False),
        ({"mean_more_by": 0.1}, (0.1, 0.5, 0.9, 0.55), True),
        ({"mean_more_by": 0.1}, (0.5, 0.5, 0.5, 0.6), False),
    ],
)
def test_all_conditions_that_are_given_decide(
    condition: dict[str, float], shares: tuple[float, ...], holds: bool
) -> None:
    cases = tuple(Training(f"N{i}", "standard", "none") for i in range(len(shares)))
    errors = {case: {0: 90 * share} for case, share in zip(cases, shares, strict=True)}
    errors[Training("clean", "standard", "none")] = {0: 0.0}
    claim = replace(CLAIMS[0], cases=cases, at_least=None)
    assert replace(claim, **condition).verdict(errors).holds is holds


def test_a_missing_number_leaves_it_open() -> None:
    verdict = CLAIMS[0].verdict({})
    assert (verdict.holds, verdict.evidence) == (None, "")
