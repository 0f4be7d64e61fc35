"""Defences of a victim: their order, soft labels, one loss, the data set changed once."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.defences import AdversarialTraining, Defence, Victim
from unlearnable_lightning.victim.defence_list import DefenceList

HERE = __name__
PROJECTION = {"class_path": "OrthogonalProjection", "init_args": {"steps": 5}}


class Brighter(Defence):
    """Notes which defence saw what."""

    seen: list[tuple[str, Any]] = []  # noqa: RUF012  # of the test that clears it

    def __init__(self, factor: float = 0.5) -> None:
        self.factor = factor

    def on_batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        self.seen.append((type(self).__name__, targets.clone()))
        return images * self.factor, targets


class ToFirst(Brighter):
    """All labels become the first class, by three quarters."""

    def on_batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        images, targets = super().on_batch(images, targets)
        first = torch.eye(targets.shape[1])[0]
        return images, 0.75 * first + 0.25 * targets


class Inverted(Defence):
    """Changes what it is given in place, as a careless user's would."""

    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        return images.neg_().sub_(1)  # 255 - image, in uint8


class Spread(Defence):
    """Pixels in [-1, 2]."""

    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        return images / 85 - 1


class Doubled(Defence):
    def loss(self, victim: Victim, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = victim(images)
        return 2 * cross_entropy(logits, targets), logits


class Half(Defence):
    def on_batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        return images[::2], targets[::2]


class Floats(Defence):
    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        return images.double()


class Nan(Defence):
    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        return torch.full(images.shape, torch.nan)


class Record(Callback):
    """Keeps the batches of a training."""

    def __init__(self) -> None:
        self.images: dict[int, Tensor] = {}

    def on_train_batch_start(self, _: Any, __: Any, batch: Any, ___: int) -> None:
        self.images |= dict(zip(batch["index"].tolist(), batch["image"], strict=True))

    def together(self) -> Tensor:
        return torch.stack([self.images[row] for row in sorted(self.images)])


def test_without_defences_the_loss_is_that_of_the_labels_to_the_bit(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    data, module = shapes(), classifier()
    data.setup("fit")
    module.trainer = trainer()
    batch = data.train_set.__getitems__(list(range(20)))
    batch["image"] = batch["image"] / 255
    loss = module.training_step(batch, 0)
    assert torch.equal(loss, cross_entropy(module.model(batch["image"]), batch["label"]))


def test_defences_are_applied_in_their_order_on_soft_labels(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    Brighter.seen.clear()
    specs = [f"{HERE}.ToFirst", {"class_path": f"{HERE}.Brighter", "init_args": {"factor": 1}}]
    trainer(max_epochs=1, limit_train_batches=1).fit(classifier(defences=specs), shapes())
    (first, hard), (second, soft) = Brighter.seen
    assert (first, second) == ("ToFirst", "Brighter")
    assert hard.shape == soft.shape == (32, 10)
    assert set(hard.unique().tolist()) == {0.0, 1.0}
    assert (soft[:, 0] >= 0.75).all()


def test_training_accuracy_counts_the_dominant_label(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    class Zeros(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = torch.nn.Parameter(torch.tensor([5.0] + [0.0] * 9))

        def forward(self, images: Tensor) -> Tensor:
            return self.bias.expand(len(images), -1)

    module, run = classifier(defences=[f"{HERE}.ToFirst"], lr=1e-9), trainer(max_epochs=1)
    module.model = Zeros()
    run.fit(module, shapes())
    assert run.callback_metrics["train_accuracy"] == 1
    assert run.callback_metrics["train_loss"] > 0.25 * 4  # of the soft labels, a quarter is wrong


def test_attack_is_adversarial_training_after_the_others(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    spec = {
        "class_path": "AdversarialTraining",
        "init_args": {"attack": "pgd", "epsilon": "4/255", "steps": 3, "natural_weight": 0.25},
    }
    ways = {
        "a": {"attack": "pgd", "epsilon": "4/255", "natural_weight": 0.25, "defences": ["Mixup"]},
        "b": {"defences": ["Mixup", spec]},
    }
    states = []
    for folder, arguments in ways.items():
        L.seed_everything(2)
        module = classifier(**arguments)
        assert isinstance(module.defences.defences[-1], AdversarialTraining)
        trainer(folder, max_epochs=1).fit(module, shapes())
        states.append(module.model.state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_two_losses_are_refused_by_name(classifier: Any) -> None:
    with pytest.raises(UnlearnableError, match="Doubled and AdversarialTraining each have a loss"):
        classifier(defences=["Mixup", f"{HERE}.Doubled"], attack="fgsm")
    with pytest.raises(UnlearnableError, match="Doubled and Doubled"):
        DefenceList([Doubled(), Defence(), Doubled()])


@pytest.mark.parametrize(
    ("defences", "message"),
    [
        (["Cutmix"], "defences='Cutmix' is not found.*Give one of AdversarialTraining, CutMix"),
        (["Victim"], "defences='Victim' is not found"),
        (["torch.nn.ReLU"], "makes a ReLU; it must make a Defence"),
        ("Mixup", "defences='Mixup': give a list"),
        ([{"class_path": "Mixup", "init_args": {"alpha": 0}}], "alpha is 0"),
        ([{"class_path": "Mixup", "init_args": {"alpha": "x"}}], "Mixup refuses"),
        ([{"class_path": "Mixup", "init_args": {"beta": 1}}], "cannot be made with"),
        ([{"class_path": "Mixup", "alpha": 1}], "names nothing to build"),
    ],
)
def test_what_is_no_defence_is_refused_before_training(
    defences: Any, message: str, classifier: Any
) -> None:
    with pytest.raises(UnlearnableError, match=message):
        classifier(defences=defences)


@pytest.mark.parametrize(
    ("name", "message"),
    [("Half", r"Half\.on_batch gives images"), ("Floats", "made torch.float64"), ("Nan", "NaN")],
)
def test_a_defence_that_breaks_the_contract_is_refused(
    name: str, message: str, classifier: Any, shapes: Any, trainer: Any
) -> None:
    with pytest.raises(UnlearnableError, match=message):
        trainer().fit(classifier(defences=[f"{HERE}.{name}"]), shapes())


def test_the_data_set_is_changed_once_in_each_fit_and_for_training_alone(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    data, seen = shapes(), []
    for folder, defences in (("a", ["Inverted"]), ("b", ["Inverted"]), ("c", [])):
        record = Record()
        module = classifier(defences=[f"{HERE}.{name}" for name in defences])
        trainer(folder, max_epochs=1, callbacks=[record]).fit(module, data)
        seen.append(record.together())
    plain = data.train_set.images / 255
    torch.testing.assert_close(seen[0], 1 - plain)
    assert torch.equal(seen[1], seen[0])
    assert torch.equal(seen[2], plain)
    batches = trainer("d").predict(classifier(), data)
    assert len(batches) == 4
    held_out = shapes()
    held_out.setup("fit")
    assert torch.equal(data.val_set.images, held_out.val_set.images)
    assert torch.equal(data.train_set.images, held_out.train_set.images)


def test_what_a_data_set_defence_makes_reaches_the_network_as_it_is(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    """Float pixels, of which some leave [0, 1]."""
    record, data = Record(), shapes()
    trainer(max_epochs=1, callbacks=[record]).fit(classifier(defences=[f"{HERE}.Spread"]), data)
    images = record.together()
    assert torch.equal(images, Spread().on_dataset(data.train_set.images, data.train_set.labels))
    assert images.min() < 0
    assert images.max() > 1
    assert data.train_set.images.dtype == torch.uint8


def test_a_resumed_training_changes_the_images_again(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    class PowerCut(Callback):
        def on_train_batch_start(self, trainer: Any, _: Any, __: Any, batch_idx: int) -> None:
            if trainer.current_epoch == 1 and batch_idx == 2:
                raise RuntimeError("power cut")

    arguments = {"defences": [PROJECTION, "Mixup"]}
    L.seed_everything(4)
    unbroken = classifier(**arguments)
    trainer("a").fit(unbroken, shapes())
    L.seed_everything(4)
    with pytest.raises(RuntimeError, match="power cut"):
        trainer("b", callbacks=[PowerCut()]).fit(classifier(**arguments), shapes())
    L.seed_everything(5)
    resumed, last = classifier(**arguments), tmp_path / "b" / "checkpoints" / "last.ckpt"
    trainer("b").fit(resumed, shapes(), ckpt_path=last)
    for key, value in unbroken.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[key]), key
    checkpoint = torch.load(last, weights_only=True, map_location="cpu")
    assert checkpoint["hyper_parameters"]["defences"] == arguments["defences"]


def test_a_resumed_training_on_other_images_is_refused_whatever_the_defence(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=1).fit(classifier(defences=[PROJECTION]), shapes())
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match="other images"):
        trainer().fit(classifier(defences=[PROJECTION]), shapes(train_subset=50), ckpt_path=last)


def test_a_data_set_defence_needs_a_data_module(classifier: Any, shapes: Any, trainer: Any) -> None:
    data = shapes()
    data.setup("fit")
    loader = data.train_dataloader()
    with pytest.raises(UnlearnableError, match="images come from a data module"):
        trainer().fit(classifier(defences=[PROJECTION]), loader)


def test_replaced_images_have_a_fingerprint_of_their_own(shapes: Any) -> None:
    data = shapes()
    data.setup("fit")
    dataset: ImageDataset = data.train_set
    before = dataset.served_sha256
    other = dataset.replaced(dataset.images.flip(0))
    assert torch.equal(other.__getitems__([0])["image"][0], dataset.images[-1])
    assert dataset.served_sha256 == before
