"""A resumed run trains with its own arguments, from where the run before had come to."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from torch.optim import Adam

from unlearnable_lightning import ClassifierModule, NoiseGenLightningModule, UnlearnableError
from unlearnable_lightning.training.schedule import warmup_cosine

STEPS = 4  # of an epoch


class Rates(L.Callback):
    """Notes the learning rate of every step."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_train_batch_start(self, trainer: L.Trainer, *_: Any) -> None:
        self.seen.append(trainer.optimizers[0].param_groups[0]["lr"])


@pytest.fixture
def resume(shapes: Any, trainer: Any, tmp_path: Path) -> Any:
    """Learning rates of a run that goes on from one of two epochs, with another module."""

    def run(before: Any, after: Any, epochs: int = 4) -> list[float]:
        trainer("before", max_epochs=2).fit(before, shapes())
        checkpoint, rates = tmp_path / "before" / "checkpoints" / "last.ckpt", Rates()
        going_on = trainer("after", max_epochs=epochs, callbacks=[rates])
        going_on.fit(after, shapes(), ckpt_path=checkpoint)
        return rates.seen

    return run


def planned(lr: float, warmup: float, cosine: bool, epochs: int = 4) -> list[float]:
    """The rates of an unbroken run, from the third epoch on."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    schedule = warmup_cosine(optimizer, STEPS * epochs, warmup, cosine)
    rates = []
    for _ in range(STEPS * epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates[2 * STEPS :]


@pytest.mark.parametrize("before", [{"cosine": True}, {"cosine": False}, {"warmup": 0.5}])
@pytest.mark.parametrize("after", [{"cosine": True}, {"cosine": False}, {"warmup": 0.9}])
def test_the_learning_rate_is_that_of_the_new_arguments(
    before: dict[str, Any], after: dict[str, Any], resume: Any, classifier: Any
) -> None:
    rates = resume(classifier(lr=0.1, **before), classifier(lr=0.02, **after))
    expected = planned(0.02, after.get("warmup", 0.0), after.get("cosine", True))
    assert rates == pytest.approx(expected, abs=0)


def test_settings_of_the_optimizer_are_the_new_ones_and_its_memory_the_old(
    classifier: Any, resume: Any
) -> None:
    class Look(ClassifierModule):
        def on_train_start(self) -> None:
            super().on_train_start()
            optimizer = self.trainer.optimizers[0]
            self.group = dict(optimizer.param_groups[0])
            self.memory = [state["momentum_buffer"].norm() for state in optimizer.state.values()]

    given = {"momentum": 0.5, "weight_decay": 0.01, "nesterov": True}
    after = Look(model="cnn_small", image_size=16, cosine=False, **given)
    resume(classifier(cosine=False), after)
    assert {name: after.group[name] for name in given} == given
    assert after.memory
    assert all(norm > 0 for norm in after.memory)


def test_a_rate_that_a_callback_of_the_users_set_stays(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    class Halve(L.Callback):
        def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
            trainer.optimizers[0].param_groups[0]["lr"] /= 2

    first = trainer("first", callbacks=[Halve()])
    first.fit(classifier(cosine=False, lr=0.1), shapes())
    path = Path(first.default_root_dir) / "later.ckpt"
    first.save_checkpoint(path)
    rates = Rates()
    trainer("second", max_epochs=3, callbacks=[rates]).fit(
        classifier(cosine=False, lr=0.1), shapes(), ckpt_path=path
    )
    assert rates.seen[0] == 0.025


def test_an_own_optimizer_keeps_its_own_settings(resume: Any) -> None:
    class Own(ClassifierModule):
        def configure_optimizers(self) -> Any:
            return Adam(self.parameters(), lr=0.003)

    arguments = {"model": "cnn_small", "image_size": 16}
    assert set(resume(Own(**arguments), Own(lr=0.5, **arguments), epochs=3)) == {0.003}


def test_the_rate_of_a_resumed_generator_is_the_new_one(generator: Any, resume: Any) -> None:
    rates = resume(generator(lr=0.1, stop_error=None), generator(lr=0.02, stop_error=None))
    assert set(rates) == {0.02}


def test_a_test_in_python_attacks_as_its_module_says(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(classifier(epsilon="4/255"), shapes())
    checkpoint = tmp_path / "run" / "checkpoints" / "last.ckpt"
    losses = []
    for epsilon in ("4/255", "64/255"):
        module = classifier(epsilon=epsilon)
        trainer("test").test(module, shapes(), ckpt_path=checkpoint, verbose=False)
        losses.append({row["attack"]: row["loss"] for row in module.table})
        assert f'"epsilon": "{epsilon}"' in (tmp_path / "run" / "test.json").read_text()
    assert losses[0]["none"] == losses[1]["none"]
    assert losses[0]["fgsm"] < losses[1]["fgsm"]


@pytest.mark.parametrize("method", ["fit", "test", "validate", "predict"])
@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("model", "resnet_small"),
        ("image_size", 20),
        ("num_classes", 12),
        ("model_args", {"in_channels": 3}),
    ],
)
def test_what_the_weights_fix_is_refused_in_python(
    argument: str,
    value: Any,
    method: str,
    classifier: Any,
    shapes: Any,
    trainer: Any,
    tmp_path: Path,
) -> None:
    module = classifier()
    first = trainer(fast_dev_run=1)
    first.fit(module, shapes())
    first.save_checkpoint(tmp_path / "made.ckpt")
    other, call = classifier(**{argument: value}), getattr(trainer("other", max_epochs=3), method)
    with pytest.raises(UnlearnableError, match=f"made with {argument}=.*this run has {argument}="):
        call(other, shapes(), ckpt_path=tmp_path / "made.ckpt")


@pytest.mark.parametrize("method", ["fit", "test", "validate", "predict"])
@pytest.mark.parametrize(
    ("argument", "value", "data"), [("in_channels", 1, 3), ("num_classes", 4, 10)]
)
def test_a_module_that_is_not_built_for_the_data_is_refused(
    argument: str, value: int, data: int, method: str, classifier: Any, shapes: Any, trainer: Any
) -> None:
    module = classifier(**{argument: value})
    with pytest.raises(
        UnlearnableError, match=f"{argument}={data}, the module.*{argument}={value}"
    ):
        getattr(trainer(), method)(module, shapes())


def test_a_classifiers_checkpoint_holds_no_noise(
    classifier: Any, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(classifier(), shapes())
    with pytest.raises(UnlearnableError, match="holds no noise"):
        trainer("other", max_epochs=3).fit(
            generator(), shapes(), ckpt_path=tmp_path / "run" / "checkpoints" / "last.ckpt"
        )


def test_weights_alone_are_no_run_to_resume(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    first = trainer()
    first.fit(classifier(), shapes())
    first.save_checkpoint(tmp_path / "weights.ckpt", weights_only=True)
    with pytest.raises(UnlearnableError, match="holds weights alone"):
        trainer("other", max_epochs=3).fit(
            classifier(), shapes(), ckpt_path=tmp_path / "weights.ckpt"
        )
    trainer("other").test(classifier(), shapes(), ckpt_path=tmp_path / "weights.ckpt")


def test_loading_noise_of_a_larger_epsilon_cuts_it(generator: Any, tmp_path: Path) -> None:
    module: NoiseGenLightningModule = generator(epsilon="16/255")
    module.deltas.delta = torch.full((2, 3, 4, 4), 16 / 255).half()
    smaller = generator(epsilon="4/255")
    smaller.deltas.load_state_dict(module.deltas.state_dict() | {"delta": module.deltas.delta})
    assert smaller.deltas.delta.max() == torch.tensor(4 / 255).half()
