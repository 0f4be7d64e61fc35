"""The victim: training, adversarial training, the table, the checkpoints."""

import csv
import json
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning import ClassifierModule, UnlearnableError
from unlearnable_lightning.attacks import fgsm
from unlearnable_lightning.defences import Mixup
from unlearnable_lightning.run.device import device_name

ATTACKS = pytest.mark.parametrize("attack", [None, "fgsm", "pgd"])


@ATTACKS
def test_training_lowers_the_loss(
    attack: str | None, classifier: Any, shapes: Any, trainer: Any
) -> None:
    L.seed_everything(0)
    losses: list[float] = []

    class Record(Callback):
        def on_train_batch_end(self, _: Any, __: Any, outputs: Any, *___: Any) -> None:
            losses.append(outputs["loss"].item())

    module = classifier(attack=attack, epsilon="2/255")
    trainer(max_epochs=12, callbacks=[Record()]).fit(module, shapes())
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


def test_the_loss_is_the_weighted_mean_of_clean_and_adversarial_loss(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    """Eq. 2.10 of the thesis, on a model without BatchNorm, whose logits do not depend on mode."""
    data = shapes()
    data.setup("fit")
    batch = data.train_set.__getitems__(list(range(20)))
    batch["image"] = batch["image"] / 255
    module = classifier(attack="fgsm", natural_weight=0.3, model="lenet", in_channels=3)
    module.trainer = trainer()
    adversarial = batch["image"] + fgsm(
        module.model, batch["image"], batch["label"], epsilon=8 / 255
    )
    clean_loss, adversarial_loss = (
        cross_entropy(module.model(images), batch["label"])
        for images in (batch["image"], adversarial)
    )
    loss = module.training_step(batch, 0)
    assert loss.item() == pytest.approx((0.3 * clean_loss + 0.7 * adversarial_loss).item())
    assert adversarial_loss > clean_loss


def test_the_table_equals_a_plain_evaluation_and_lands_in_the_run_folder(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path, capsys: Any
) -> None:
    data, module, run = shapes(), classifier(), trainer()
    run.fit(module, data)
    run.test(module, data)
    images, labels = data.test_set.images / 255, data.test_set.labels
    adversarial = images + fgsm(module.model, images, labels, epsilon=8 / 255)
    rows = {(row["weights"], row["attack"]): row for row in module.table}
    module.model.eval()
    for attack, inputs in (("none", images), ("fgsm", adversarial)):
        logits = module.model(inputs)
        row = rows["last", attack]
        accuracy = (logits.argmax(1) == labels).float().mean().item()
        assert row["accuracy"] == pytest.approx(accuracy, abs=0.02)  # ties under FGSM
        assert row["loss"] == pytest.approx(cross_entropy(logits, labels).item(), rel=1e-3)
        assert row["error"] == pytest.approx(1 - row["accuracy"])
    assert rows["last", "pgd"]["loss"] > rows["last", "none"]["loss"]
    with open(tmp_path / "run" / "test.csv") as file:
        written = list(csv.DictReader(file))
    assert [(row["weights"], row["attack"]) for row in written] == list(rows)
    result = json.loads((tmp_path / "run" / "test.json").read_text())
    assert (result["table"], result["epochs"]) == (module.table, 2)
    assert result["device"] == device_name(run.strategy.root_device) != ""
    assert result["precision"] == "32-true"
    printed = capsys.readouterr().out
    assert "pgd" in printed
    assert "Test metric" not in printed  # the Trainer's own table is replaced


def test_last_and_best_weights_are_both_in_the_table(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=4).fit(classifier(), shapes())
    folder = tmp_path / "run" / "checkpoints"
    expected = {"last.ckpt": ["last", "best"], "best.ckpt": ["best"]}
    tables = {}
    for name, weights in expected.items():
        module = classifier()
        trainer("test").test(module, shapes(), ckpt_path=folder / name, verbose=False)
        assert list(dict.fromkeys(row["weights"] for row in module.table)) == weights
        tables[name] = [row for row in module.table if row["weights"] == "best"]
    clean = [table[0]["accuracy"] for table in tables.values()]
    assert clean[0] == clean[1]
    assert (tmp_path / "run" / "test.csv").exists()  # beside the checkpoints, not in "test"


def test_best_is_the_epoch_with_the_highest_validation_accuracy(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    seen: list[float] = []

    class Record(Callback):
        def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
            if not trainer.sanity_checking:
                seen.append(trainer.callback_metrics["val_accuracy"].item())

    trainer(max_epochs=5, callbacks=[Record()]).fit(classifier(lr=0.5), shapes())
    checkpoint = torch.load(
        tmp_path / "run" / "checkpoints" / "best.ckpt", weights_only=True, map_location="cpu"
    )
    assert checkpoint["epoch"] == seen.index(max(seen))


def test_a_run_without_validation_images_trains_and_tests(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    module, run = classifier(), trainer()
    run.fit(module, shapes(val_size=0))
    run.test(module, shapes(val_size=0), verbose=False)
    assert {row["weights"] for row in module.table} == {"last"}
    assert not (tmp_path / "run" / "checkpoints" / "best.ckpt").exists()


def test_the_users_own_checkpoint_callback_stays(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    own = ModelCheckpoint(dirpath=tmp_path / "own", filename="mine", monitor="val_loss")
    trainer(callbacks=[own]).fit(classifier(), shapes())
    assert [path.name for path in tmp_path.rglob("*.ckpt")] == ["mine.ckpt"]


@ATTACKS
def test_a_resumed_training_equals_the_unbroken_one(
    attack: str | None, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    class PowerCut(Callback):
        def on_train_batch_start(self, trainer: Any, _: Any, __: Any, batch_idx: int) -> None:
            if trainer.current_epoch == 1 and batch_idx == 2:
                raise RuntimeError("power cut")

    L.seed_everything(4)
    unbroken = classifier(attack=attack)
    trainer("a", max_epochs=3).fit(unbroken, shapes())
    L.seed_everything(4)
    with pytest.raises(RuntimeError, match="power cut"):
        trainer("b", max_epochs=3, callbacks=[PowerCut()]).fit(classifier(attack=attack), shapes())
    L.seed_everything(5)
    resumed, last = classifier(attack=attack), tmp_path / "b" / "checkpoints" / "last.ckpt"
    trainer("b", max_epochs=3).fit(resumed, shapes(), ckpt_path=last)
    for key, value in unbroken.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[key]), key


def test_a_run_resumed_into_another_folder_takes_its_best_weights_along(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    module = classifier()
    trainer("a", max_epochs=3).fit(module, shapes())
    best = tmp_path / "a" / "checkpoints" / "best.ckpt"
    last = tmp_path / "a" / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(last, weights_only=True, map_location="cpu")
    for state in checkpoint["callbacks"].values():
        if "best_model_score" in state:
            state["best_model_score"] = torch.tensor(2.0)  # no later epoch is better
    torch.save(checkpoint, last)
    before = best.read_bytes()
    trainer("b", max_epochs=5).fit(classifier(), shapes(), ckpt_path=last)
    assert (tmp_path / "b" / "checkpoints" / "best.ckpt").read_bytes() == before
    assert (
        torch.load(
            tmp_path / "b" / "checkpoints" / "last.ckpt", weights_only=True, map_location="cpu"
        )["epoch"]
        == 4
    )


def test_the_checkpoint_of_another_run_is_not_overwritten(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(classifier(), shapes())
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    before = last.read_bytes()
    with pytest.raises(UnlearnableError, match="exists already"):
        trainer().fit(classifier(), shapes())
    assert last.read_bytes() == before


def test_untrained_weights_are_not_called_last(classifier: Any, shapes: Any, trainer: Any) -> None:
    module = classifier()
    trainer().test(module, shapes(), verbose=False)
    assert {row["weights"] for row in module.table} == {"initial"}


def test_an_endless_training_needs_a_constant_rate(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    with pytest.raises(UnlearnableError, match="max_epochs"):
        trainer(max_epochs=-1).fit(classifier(), shapes())
    run = trainer(max_epochs=-1, max_steps=3)
    run.fit(classifier(cosine=False), shapes())
    assert run.global_step == 3


def test_the_learning_rate_climbs_and_falls_along_a_cosine(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    rates: list[float] = []

    class Record(Callback):
        def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    trainer(max_epochs=10, callbacks=[Record()]).fit(classifier(lr=0.2, warmup=0.25), shapes())
    top = rates.index(max(rates))
    assert len(rates) == 40
    assert top == 10
    assert rates[top] == pytest.approx(0.2)
    assert rates[25] == pytest.approx(0.1)  # half-way down
    assert rates == sorted(rates[:top]) + sorted(rates[top:], reverse=True)


def test_gradients_are_clipped_to_the_module_s_norm_unless_the_trainer_has_its_own(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    class Norm(Callback):
        def __init__(self) -> None:
            self.norms: list[float] = []

        def on_before_optimizer_step(self, _: Any, pl_module: Any, __: Any) -> None:
            self.grads = [p for p in pl_module.model.parameters()]

        def on_train_batch_end(self, *_: Any) -> None:
            squares = sum(p.grad.square().sum() for p in self.grads if p.grad is not None)
            self.norms.append(float(squares) ** 0.5)

    for module_norm, trainer_norm, expected in ((1e-3, None, 1e-3), (1e-3, 2e-3, 2e-3)):
        norm = Norm()
        run = trainer(str(expected), callbacks=[norm], gradient_clip_val=trainer_norm)
        run.fit(classifier(max_grad_norm=module_norm), shapes())
        assert max(norm.norms) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("defences", [None, ["Mixup"]])
def test_smoothed_targets_are_trained_on(
    defences: list[str] | None, classifier: Any, shapes: Any, trainer: Any, monkeypatch: Any
) -> None:
    """Alone and before a defence, whose mixture of smoothed targets is a smoothed mixture."""
    monkeypatch.setattr(Mixup, "on_batch", lambda self, images, targets: (images, targets))
    module = classifier(label_smoothing=0.3, defences=defences)
    run = trainer(max_epochs=1, limit_train_batches=1)
    run.fit(module, shapes())
    batch = {"image": torch.rand(8, 3, 16, 16), "label": torch.arange(8) % 7}
    loss = module.training_step(batch, 0)
    logits, labels = module(batch["image"]).detach(), batch["label"]
    expected = cross_entropy(logits, labels, label_smoothing=0.3).item()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    module.val_scores.update(run, 0, logits, labels)  # as they are
    plain = cross_entropy(logits, labels).item()
    assert module.val_scores.pop(run)["val_loss"].item() == pytest.approx(plain, rel=1e-5)


def test_nesterov_looks_a_step_ahead(classifier: Any, shapes: Any, trainer: Any) -> None:
    """After the first step plain momentum has moved by lr·g, Nesterov's by lr·(1 + momentum)·g."""
    moved = []
    for nesterov in (False, True):
        torch.manual_seed(0)
        module = classifier(nesterov=nesterov, weight_decay=0.0, momentum=0.5, cosine=False)
        before = [p.detach().clone() for p in module.model.parameters()]
        trainer(str(nesterov), max_steps=1).fit(module, shapes())
        after = module.model.parameters()
        moved.append(torch.cat([(a - b).flatten() for a, b in zip(after, before, strict=True)]))
    assert torch.allclose(moved[1], 1.5 * moved[0], rtol=1e-3, atol=1e-7)
    assert moved[0].abs().max() > 1e-4


def test_predictions_belong_to_their_rows(classifier: Any, shapes: Any, trainer: Any) -> None:
    data, module = shapes(), classifier()
    batches = trainer().predict(module, data)
    index = torch.cat([batch["index"] for batch in batches])
    prediction = torch.cat([batch["prediction"] for batch in batches])
    assert index.tolist() == list(range(100))
    expected = module.model.eval()(data.train_set.images / 255).argmax(1)
    assert torch.equal(prediction, expected)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("epsilon", 8),
        ("attack", "cw"),
        ("natural_weight", 1.5),
        ("warmup", -0.1),
        ("label_smoothing", 1.0),
        ("label_smoothing", -0.1),
        ("steps", 0),
        ("restarts", 0),
        ("lr", 0.0),
        ("model", "resnet19"),
    ],
)
def test_bad_arguments_are_refused_by_name(argument: str, value: Any, classifier: Any) -> None:
    with pytest.raises(UnlearnableError, match=f"{argument}="):
        classifier(**{argument: value})


def test_a_checkpoint_opens_with_weights_only(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    module = classifier(epsilon="4/255", model_args={})
    trainer().fit(module, shapes())
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    torch.load(path, weights_only=True, map_location="cpu")
    again = ClassifierModule.load_from_checkpoint(path, weights_only=True)
    assert again.epsilon == 4 / 255
    assert torch.equal(again.model[-1].weight, module.model[-1].weight)


class Flat(nn.Module):
    """BatchNorm over the batch alone, which raises for one image; keeps its last activation."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.norm = nn.Linear(768, 10), nn.BatchNorm1d(10)
        self.mean = torch.tensor(0.5)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.last = self.linear((images - self.mean).flatten(1))
        return self.norm(self.last)


@ATTACKS
def test_65_images_in_batches_of_64_train(
    attack: str | None, classifier: Any, shapes: Any, trainer: Any
) -> None:
    module, data = (
        classifier(attack=attack, model=f"{__name__}.Flat"),
        shapes(train_size=65, batch_size=64),
    )
    run = trainer(max_epochs=3)
    run.fit(module, data)
    assert run.global_step == run.estimated_stepping_batches == 3


def test_a_model_that_keeps_an_activation_is_tested_with_its_best_weights(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    module, run = classifier(model=f"{__name__}.Flat"), trainer(max_epochs=1)
    run.fit(module, shapes())
    module.model.train()(torch.rand(4, 3, 16, 16))  # as after a training without validation
    run.test(module, shapes(), verbose=False)
    assert {row["weights"] for row in module.table} == {"last", "best"}
