"""What every file of `defences/` holds to; a new file is found by being there."""

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
import yaml
from lightning.pytorch.callbacks import Callback

from unlearnable_lightning import defences
from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.defences import Defence, Victim
from unlearnable_lightning.models import cnn_small

CONFIGS = Path(__file__).parents[2] / "configs" / "defence"
QUICK: dict[str, dict[str, Any]] = {  # of those whose defaults take long
    "OrthogonalProjection": {"steps": 6},
    "AdversarialTraining": {"steps": 2},
    "LeakedPairs": {"pairs": 20},
    "Purification": {
        "model": "unlearnable_lightning.defences.gaussian_prior.GaussianPrior",
        "predicts": "score",
        "t_star": 4,
    },
}


def members() -> list[type[Defence]]:
    """The defences that files of the folder define."""
    found = []
    for info in pkgutil.iter_modules(defences.__path__):
        module = importlib.import_module(f"{defences.__name__}.{info.name}")
        found += [
            each
            for _, each in inspect.getmembers(module, inspect.isclass)
            if each.__module__ == module.__name__
            and issubclass(each, Defence)
            and each is not Defence
        ]
    return found


MEMBERS = members()
every = pytest.mark.parametrize("defence", MEMBERS, ids=lambda each: each.__name__)


def quick(defence: type[Defence]) -> dict[str, Any]:
    return {"class_path": defence.__name__, "init_args": QUICK.get(defence.__name__, {})}


def built(defence: type[Defence]) -> Defence:
    return defence(**QUICK.get(defence.__name__, {}))


def remade(defence: type[Defence]) -> torch.Tensor:
    """What it makes of forty images that noise has made brighter."""
    images, labels = draw_shapes(40, seed=0, image_size=16)
    member = built(defence)
    member.leak(images // 2, labels)
    return member.on_dataset(images, labels)


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = draw_shapes(12, seed=0, image_size=16)
    return images / 255, torch.eye(10)[labels]


@every
def test_it_has_a_name_in_the_room_and_a_config(defence: type[Defence]) -> None:
    assert getattr(defences, defence.__name__) is defence
    text = "\n".join(path.read_text() for path in CONFIGS.iterdir())
    assert defence.__name__ in text


@every
def test_it_does_something(defence: type[Defence]) -> None:
    """No defence is the identity, as a published blur was."""
    member, (images, targets) = built(defence), batch()
    torch.manual_seed(0)
    changed = not torch.equal(remade(defence), draw_shapes(40, seed=0, image_size=16)[0])
    pairs = zip(member.on_batch(images, targets), (images, targets), strict=True)
    changed |= any(not torch.equal(after, before) for after, before in pairs)
    model = cnn_small()
    victim = Victim(model, lambda: model)
    torch.manual_seed(0)
    loss, _ = member.loss(victim, images, targets)
    plain, _ = Defence().loss(victim, images, targets)
    assert changed or abs(loss.item() - plain.item()) > 1e-4


@every
def test_a_batch_keeps_its_shapes_and_targets_stay_shares(defence: type[Defence]) -> None:
    images, targets = batch()
    before = images.clone(), targets.clone()
    torch.manual_seed(0)
    mixed, shares = built(defence).on_batch(images, targets)
    assert (mixed.shape, shares.shape) == (images.shape, targets.shape)
    torch.testing.assert_close(shares.sum(1), torch.ones(len(images)))
    assert shares.min() >= 0
    assert 0 <= mixed.min() <= mixed.max() <= 1
    assert torch.equal(images, before[0])
    assert torch.equal(targets, before[1])


@every
def test_the_data_set_keeps_its_shape_and_the_random_stream(defence: type[Defence]) -> None:
    images, labels = draw_shapes(40, seed=0, image_size=16)
    before, state = images.clone(), torch.get_rng_state()
    member = built(defence)
    member.leak(images // 2, labels)
    made = member.on_dataset(images, labels)
    assert made.shape == images.shape
    assert made.dtype in (torch.uint8, torch.float32)
    assert torch.equal(images, before)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(99)
    assert torch.equal(remade(defence), made)


@every
def test_its_loss_is_a_scalar_with_a_gradient_and_logits_for_every_image(
    defence: type[Defence],
) -> None:
    images, targets = batch()
    model = cnn_small()
    loss, logits = built(defence).loss(Victim(model, lambda: model), images, targets)
    assert loss.shape == ()
    assert logits.shape == targets.shape
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


@every
def test_broken_off_and_resumed_equals_unbroken(
    defence: type[Defence], classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    class PowerCut(Callback):
        def on_train_batch_start(self, trainer: Any, _: Any, __: Any, batch_idx: int) -> None:
            if trainer.current_epoch == 1 and batch_idx == 2:
                raise RuntimeError("power cut")

    arguments = {"defences": [quick(defence)], "test_attacks": []}
    L.seed_everything(4)
    unbroken = classifier(**arguments)
    trainer("a", max_epochs=3).fit(unbroken, shapes())
    L.seed_everything(4)
    with pytest.raises(RuntimeError, match="power cut"):
        trainer("b", max_epochs=3, callbacks=[PowerCut()]).fit(classifier(**arguments), shapes())
    L.seed_everything(5)
    resumed, last = classifier(**arguments), tmp_path / "b" / "checkpoints" / "last.ckpt"
    trainer("b", max_epochs=3).fit(resumed, shapes(), ckpt_path=last)
    for key, value in unbroken.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[key]), key


@every
def test_validation_and_test_see_the_images_as_they_are(
    defence: type[Defence], classifier: Any, shapes: Any, trainer: Any
) -> None:
    data = shapes()
    module = classifier(defences=[quick(defence)], test_attacks=[])
    run = trainer(max_epochs=1)
    run.fit(module, data)
    run.test(module, data, verbose=False)
    model = module.model.eval()
    images, labels = data.test_set.images / 255, data.test_set.labels
    accuracy = (model(images).argmax(1) == labels).float().mean().item()
    (row,) = [each for each in module.table if each["weights"] == "last"]
    assert row["accuracy"] == pytest.approx(accuracy, abs=0.02)


@every
def test_its_arguments_can_be_written_in_yaml(defence: type[Defence]) -> None:
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(defence).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    assert yaml.safe_load(yaml.safe_dump(defaults)) == defaults
