"""Partial poisoning: a stored random set of images, by share and by class."""

import dataclasses
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.data.partial import PartialPoisoning
from unlearnable_lightning.release import Release, poison
from unlearnable_lightning.report import report

NAMES = ("cat", "dog", "frog", "ship")
LABELS = torch.arange(400) % 4


def chosen(rate: float = 1.0, classes: Any = None, seed: int = 0, **more: Any) -> Tensor:
    return PartialPoisoning(rate, classes, seed).choose(LABELS, NAMES, **more)


@pytest.fixture
def noise(shapes: Any, noise_for: Callable[..., Release], tmp_path: Path) -> Callable[..., str]:
    """A noise file for the shapes; of some `rows` alone, if they are given."""

    def make(rows: Tensor | None = None) -> str:
        data = shapes()
        data.setup("fit")
        release = noise_for(data.train_set.source)
        if rows is not None:
            difference = release.difference[rows]
            release = dataclasses.replace(release, difference=difference, rows=rows, bound=None)
        release.save(tmp_path / "noise.safetensors")
        return str(tmp_path / "noise.safetensors")

    return make


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 1.0])
def test_each_class_has_its_share(rate: float) -> None:
    assert LABELS[chosen(rate)].bincount().tolist() == [round(100 * rate)] * 4


def test_smaller_sets_are_part_of_larger_ones_and_repeat_by_seed() -> None:
    sets = [chosen(rate) for rate in (0.05, 0.2, 0.4, 0.41, 0.8)]
    for smaller, larger in itertools.pairwise(sets):
        assert not (smaller & ~larger).any()
        assert smaller.sum() < larger.sum()
    assert torch.equal(chosen(0.2), chosen(0.2))
    assert not torch.equal(chosen(0.2), chosen(0.2, seed=1))
    assert chosen(0.2).nonzero().flatten().tolist() != list(range(80))  # a random set


@pytest.mark.parametrize("classes", [("dog", "ship"), (1, 3), ("dog", 3), ("1", "3")])
def test_classes_are_given_by_name_or_number(classes: Any) -> None:
    assert torch.equal(chosen(classes=classes), (LABELS == 1) | (LABELS == 3))
    half = chosen(0.5, classes)
    assert LABELS[half].bincount(minlength=4).tolist() == [0, 50, 0, 50]


def test_a_share_is_one_of_the_images_that_the_noise_changes() -> None:
    changed = torch.arange(0, 200)
    assert chosen(0.5, changed=changed).nonzero().max() < 200
    assert chosen(0.5, changed=changed).sum() == 100
    assert torch.equal(chosen(changed=changed).nonzero().flatten(), changed)


@pytest.mark.parametrize("rate", [0, -0.1, 1.01, float("nan"), True, "0.5", None])
def test_what_is_no_share_is_refused(rate: Any) -> None:
    with pytest.raises(UnlearnableError, match=r"poison_rate=.*above 0 and at most 1"):
        PartialPoisoning(rate)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ((), r"poison_classes=\[\]: no class"),
        (("cow",), "poison_classes has 'cow'; the classes are cat, dog, frog, ship"),
        ((4,), "has 4; .* numbers from 0 to 3"),
        ((-1,), "has -1"),
        ((True,), "has True"),
        ((1.0,), r"has 1\.0"),
    ],
)
def test_unknown_classes_are_refused(classes: Any, message: str) -> None:
    with pytest.raises(UnlearnableError, match=message):
        chosen(classes=classes)


def test_a_rate_that_poisons_nothing_is_refused() -> None:
    with pytest.raises(UnlearnableError, match=r"poison_rate=0\.001 poisons none of 400"):
        chosen(0.001)
    with pytest.raises(UnlearnableError, match="poisons none of 0 images"):
        chosen(classes=("cat",), changed=torch.tensor([1, 2]))


@pytest.mark.parametrize(
    "arguments", [{"poison_rate": 0.5}, {"poison_classes": ["circle"]}, {"poison_classes": [0]}]
)
def test_a_share_without_noise_is_refused(arguments: dict[str, Any], shapes: Any) -> None:
    with pytest.raises(UnlearnableError, match=r"there is no noise\. Give data\.noise"):
        shapes(**arguments)


def test_the_other_images_are_served_clean(shapes: Any, noise: Any) -> None:
    data = shapes(noise=noise(), poison_rate=0.4)
    data.setup("fit")
    served, poisoned = data.train_set, data.train_set.poisoned
    whole = poison(served.clean, served.labels, served.noise)
    assert poisoned.sum() == 40
    assert torch.equal(served.images[poisoned], whole[poisoned])
    assert torch.equal(served.images[~poisoned], served.clean[~poisoned])


@pytest.mark.parametrize("share", [0.2, 0.4, 0.8])
def test_what_is_left_out_is_what_that_share_poisons(share: float, shapes: Any, noise: Any) -> None:
    mixed, part = shapes(noise=noise(), poison_rate=share), shapes(leave_out=share)
    for data in (mixed, part):
        data.setup("fit")
    kept = ~mixed.train_set.poisoned
    assert torch.equal(part.train_set.images, mixed.train_set.clean[kept])
    assert torch.equal(part.train_set.labels, mixed.train_set.labels[kept])
    assert len(part.train_set) == round(100 * (1 - share))


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.001, "is none of 100"), (100, "takes 100 of 100"), (0.95, "leaves no training image of")],
)
def test_a_part_that_is_none_or_all_is_not_left_out(share: float, said: str, shapes: Any) -> None:
    with pytest.raises(UnlearnableError, match=f"leave_out={share} {said}"):
        shapes(leave_out=share).setup("fit")


def test_a_partial_release_poisons_its_rows_alone(shapes: Any, noise: Any) -> None:
    rows = torch.arange(20, 70)
    data = shapes(noise=noise(rows), poison_rate=0.5)
    data.setup("fit")
    poisoned = data.train_set.poisoned.nonzero().flatten()
    assert len(poisoned) == 25
    assert {*poisoned.tolist()} < {*rows.tolist()}
    changed = (data.train_set.images != data.train_set.clean).flatten(1).any(1)
    assert torch.equal(changed, data.train_set.poisoned)


def test_the_share_is_remembered_and_reported(
    classifier: Any, shapes: Any, trainer: Any, noise: Any, tmp_path: Path, capsys: Any
) -> None:
    arguments = {"noise": noise(), "poison_rate": 0.5, "poison_classes": [0, 3]}
    trainer(max_epochs=1).fit(classifier(test_attacks=[]), shapes(**arguments))
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    capsys.readouterr()
    trainer("b").test(classifier(test_attacks=[]), shapes(), ckpt_path=last)
    names = [shapes().class_names[label] for label in (0, 3)]
    words = f"10 % of the training images were poisoned (of {', '.join(names)})."
    assert words in capsys.readouterr().out
    written = json.loads((tmp_path / "run" / "test.json").read_text())
    assert (written["poison_rate"], written["poison_classes"]) == (0.1, names)
    assert f"run: {words}" in report(tmp_path)


@pytest.mark.parametrize(("poisoned", "rate"), [(True, 1.0), (False, 0.0)])
def test_all_or_none_needs_no_words(
    poisoned: bool, rate: float, classifier: Any, shapes: Any, trainer: Any, noise: Any,
    tmp_path: Path, capsys: Any,
) -> None:  # fmt: skip
    module, data = classifier(test_attacks=[]), shapes(noise=noise() if poisoned else None)
    run = trainer(max_epochs=1)
    run.fit(module, data)
    run.test(module, data)
    assert "were poisoned" not in capsys.readouterr().out
    written = json.loads((tmp_path / "run" / "test.json").read_text())
    assert (written["poison_rate"], written["poison_classes"]) == (rate, None)


def test_another_share_is_not_the_training_that_is_resumed(
    classifier: Any, shapes: Any, trainer: Any, noise: Any, tmp_path: Path
) -> None:
    file, last = noise(), tmp_path / "run" / "checkpoints" / "last.ckpt"
    trainer(max_epochs=1).fit(classifier(), shapes(noise=file, poison_rate=0.4))
    with pytest.raises(UnlearnableError, match=r"on 40 % of them .*on 20 % of them"):
        trainer().fit(classifier(), shapes(noise=file, poison_rate=0.2), ckpt_path=last)
    trainer().fit(classifier(), shapes(noise=file, poison_rate=0.4), ckpt_path=last)


def test_nonsense_of_a_stranger_s_checkpoint_is_not_reported(
    classifier: Any, shapes: Any, trainer: Any, noise: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=1).fit(classifier(test_attacks=[]), shapes(noise=noise(), poison_rate=0.5))
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    for rate, classes in ((7, None), ("half", ["a"]), (0.5, ["\x1b[2J"]), (0.5, "cat")):
        checkpoint = torch.load(last, weights_only=True, map_location="cpu")
        checkpoint["train_images"] |= {"poison_rate": rate, "poison_classes": classes}
        torch.save(checkpoint, last)
        trainer("b").test(classifier(test_attacks=[]), shapes(), ckpt_path=last, verbose=False)
        written = json.loads((tmp_path / "run" / "test.json").read_text())
        assert written["poison_rate"] == (0.5 if rate == 0.5 else None)
        assert written["poison_classes"] is None
