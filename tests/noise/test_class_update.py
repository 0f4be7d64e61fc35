"""The class rules of Algorithm 1 against loops over images."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.class_update import ClassUpdate, mean, sequential

EPSILON = 0.1
every_rule = pytest.mark.parametrize("rule", [mean, sequential])


@pytest.fixture
def step() -> tuple[Tensor, Tensor, Tensor]:
    """Noise of 5 classes, labels without class 3 and with one lone image, changes that leave the
    bound."""
    torch.manual_seed(0)
    delta = torch.empty(5, 3, 4, 4).uniform_(-EPSILON, EPSILON)
    labels = torch.tensor([0, 2, 0, 1, 1, 0, 4, 0, 2, 1, 1, 1])
    return delta, labels, torch.empty(12, 3, 4, 4).uniform_(-EPSILON, EPSILON)


def naive_mean(delta: Tensor, labels: Tensor, changes: Tensor) -> Tensor:
    new = delta.clone()
    for label in range(len(delta)):
        own = [
            delta[label] + change
            for change, of in zip(changes, labels.tolist(), strict=True)
            if of == label
        ]
        if own:
            new[label] = (sum(own) / len(own)).clamp(-EPSILON, EPSILON)
    return new


def naive_sequential(delta: Tensor, labels: Tensor, changes: Tensor) -> Tensor:
    new = delta.clone()
    for change, label in zip(changes, labels.tolist(), strict=True):
        new[label] = (new[label] + change).clamp(-EPSILON, EPSILON)
    return new


@pytest.mark.parametrize(("rule", "naive"), [(mean, naive_mean), (sequential, naive_sequential)])
def test_rule_equals_the_naive_loop(
    rule: ClassUpdate,
    naive: Callable[[Tensor, Tensor, Tensor], Tensor],
    step: tuple[Tensor, Tensor, Tensor],
) -> None:
    torch.testing.assert_close(rule(*step, EPSILON), naive(*step), rtol=0, atol=1e-6)


@every_rule
def test_absent_classes_stay_as_they_are(
    rule: ClassUpdate, step: tuple[Tensor, Tensor, Tensor]
) -> None:
    delta, labels, changes = step
    assert torch.equal(rule(delta, labels, changes, EPSILON)[3], delta[3])
    nothing = rule(delta, labels[:0], changes[:0], EPSILON)
    assert torch.equal(nothing, delta)


@every_rule
def test_bound_is_kept_and_reached(rule: ClassUpdate, step: tuple[Tensor, Tensor, Tensor]) -> None:
    delta, labels, changes = step
    limit = torch.tensor(EPSILON)
    assert rule(delta, labels, 10 * changes, EPSILON).abs().max() == limit


@every_rule
def test_given_noise_is_not_written_to(
    rule: ClassUpdate, step: tuple[Tensor, Tensor, Tensor]
) -> None:
    before = [tensor.clone() for tensor in step]
    rule(*step, EPSILON)
    assert all(torch.equal(a, b) for a, b in zip(step, before, strict=True))


def test_order_counts_for_sequential_but_not_for_mean(
    step: tuple[Tensor, Tensor, Tensor],
) -> None:
    delta, labels, changes = step
    turned = delta, labels.flip(0), changes.flip(0)
    torch.testing.assert_close(mean(*turned, EPSILON), mean(*step, EPSILON), rtol=0, atol=1e-6)
    apart = (sequential(*turned, EPSILON) - sequential(*step, EPSILON)).abs().max()
    assert apart > EPSILON / 10


def test_one_image_per_class_is_the_same_under_both_rules(
    step: tuple[Tensor, Tensor, Tensor],
) -> None:
    delta, _, changes = step
    labels = torch.tensor([4, 0, 2])
    assert torch.equal(
        mean(delta, labels, changes[:3], EPSILON), sequential(delta, labels, changes[:3], EPSILON)
    )


@every_rule
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.uint16])
def test_labels_of_any_integer_type_do_the_same(
    rule: ClassUpdate, dtype: torch.dtype, step: tuple[Tensor, Tensor, Tensor]
) -> None:
    delta, labels, changes = step
    assert torch.equal(rule(delta, labels.to(dtype), changes, EPSILON), rule(*step, EPSILON))


@every_rule
def test_labels_that_are_no_integers_are_refused(
    rule: ClassUpdate, step: tuple[Tensor, Tensor, Tensor]
) -> None:
    delta, labels, changes = step
    for bad in (labels.float(), labels > 0, labels[:, None]):
        with pytest.raises(UnlearnableError, match="labels"):
            rule(delta, bad, changes, EPSILON)
