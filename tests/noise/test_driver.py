"""Algorithm 1: what the generator makes, when it stops, what it leaves behind."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from PIL import Image
from torch.nn.functional import cross_entropy

from unlearnable_lightning import NoiseGenLightningModule, Release, UnlearnableError, poison
from unlearnable_lightning.augment import Grayscale
from unlearnable_lightning.noise import GrayAug, NoiseDriver
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.pixels import quantize
from unlearnable_lightning.training import NonFiniteError


class Negative(torch.nn.Module):
    """A view."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return 1 - images


KINDS = pytest.mark.parametrize("kind", ["samplewise", "classwise"])


@KINDS
def test_the_noise_file_fits_the_data_and_stays_within_epsilon(
    kind: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    L.seed_everything(3)
    data = shapes()
    trainer().fit(generator(kind=kind, epsilon="4/255"), data)
    noise = Release.load(tmp_path / "run" / "noise.safetensors")
    assert noise.difference.shape == ((100 if kind == "samplewise" else 10), 3, 16, 16)
    assert noise.difference.abs().max() == 4
    assert (noise.difference < 0).any(dim=(1, 2, 3)).all()
    assert noise.source == data.train_set.source
    assert (noise.kind, noise.finished) == (kind, True)
    assert (noise.made_by["rounds"], noise.made_by["seed"]) == (2, 3)
    assert noise.made_by["arguments"]["epsilon"] == "4/255"
    assert noise.versions["torch"] == torch.__version__.split("+")[0]


@KINDS
def test_the_error_falls_and_the_poisoned_images_have_it(
    kind: str, generator: Any, shapes: Any, trainer: Any
) -> None:
    L.seed_everything(0)
    data, module = shapes(), generator(kind=kind, steps=10, model_steps=10)
    errors: list[float] = []

    class Record(Callback):
        def on_train_epoch_start(self, trainer: L.Trainer, pl_module: Any) -> None:
            errors.append(pl_module.deltas.error)

    trainer(max_epochs=8, callbacks=[Record()]).fit(module, data)
    assert module.deltas.error < errors[1] / 2
    images = poison(data.train_set.clean, data.train_set.labels, module.noise()) / 255
    wrong = module.model.eval()(images).argmax(1) != data.train_set.labels
    # one image of 100: the frozen copy folds BatchNorm and rounds otherwise
    assert wrong.float().mean().item() == pytest.approx(module.deltas.error, abs=0.011)


@KINDS
@pytest.mark.parametrize("method", [NoiseGenLightningModule, GrayAug])
def test_the_error_is_that_of_the_release_on_plain_images_not_of_the_views(
    kind: str, method: type[NoiseDriver], generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    """A surrogate of negatives gets those right, and the pictures themselves wrong."""

    L.seed_everything(0)
    data = shapes()
    views = ["test_driver.Negative"]
    module = generator(method, kind=kind, views=views, steps=8, model_steps=12)
    trainer(max_epochs=5).fit(module, data)
    release = Release.load(tmp_path / "run" / "noise.safetensors")
    images, labels = data.train_set.clean, data.train_set.labels
    model = module.model.eval()
    wrong = model(poison(images, labels, release) / 255).argmax(1) != labels
    views = (1 - images / 255 + release.difference_for(labels) / 255).clamp(0, 1)
    of_views = (model(views).argmax(1) != labels).float().mean().item()
    assert release.made_by["error"] == pytest.approx(wrong.float().mean().item(), abs=0.011)
    assert abs(release.made_by["error"] - of_views) > 0.2


def test_the_error_does_not_move_the_noise_of_later_rounds(
    generator: Any, shapes: Any, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pass draws no random number that a model step or sweep would have drawn."""
    deltas = []
    for measure in (Sweep.error, lambda sweep: (float(torch.rand(())), 0.0)):
        monkeypatch.setattr(Sweep, "error", measure)
        L.seed_everything(0)
        module = generator(stop_error=None)
        trainer(f"run{len(deltas)}").fit(module, shapes())
        deltas.append(module.deltas.delta)
    assert torch.equal(*deltas)


def test_arguments_that_a_release_cannot_record_are_refused_before_the_first_round(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    module = generator()
    module.hparams["model_args"] = {"norm": torch.nn.BatchNorm2d}
    with pytest.raises(UnlearnableError, match=r"model_args\.norm is a type"):
        trainer().fit(module, shapes())
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_a_samplewise_sweep_equals_the_loop_of_the_paper(
    generator: Any, shapes: Any, trainer: Any
) -> None:
    """Each image alone, steps as Algorithm 1 writes them, against the batched, folded sweep."""
    data, module = shapes(train_size=20, batch_size=7), generator(steps=3, init="zeros")
    seen: dict[str, Any] = {}

    class Before(Callback):  # the model as the first sweep finds it
        def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
            seen["state"] = {k: v.clone() for k, v in pl_module.model.state_dict().items()}

    trainer(max_epochs=1, callbacks=[Before()]).fit(module, data)
    reference = generator().model
    reference.load_state_dict(seen["state"])
    reference.eval()
    epsilon, alpha = 8 / 255, 0.8 / 255
    for i in range(20):
        x, y = data.train_set.clean[i : i + 1] / 255, data.train_set.labels[i : i + 1]
        delta = torch.zeros_like(x)
        for _ in range(3):
            delta.requires_grad_()
            loss = cross_entropy(reference(x + delta), y)
            (gradient,) = torch.autograd.grad(loss, delta)
            delta = (delta.detach() - alpha * gradient.sign()).clamp(-epsilon, epsilon)
            delta = (x + delta).clamp(0, 1) - x
        # a pixel whose gradient is nearly 0 may take the other sign
        assert (module.deltas.delta[i : i + 1].float() - delta).abs().gt(1e-4).float().mean() < 0.01


def test_grayscale_views_leave_the_noise_on_the_plain_images(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(views=["Grayscale"]), shapes())
    noise = Release.load(tmp_path / "run" / "noise.safetensors")
    poisoned = shapes(noise=str(tmp_path / "run" / "noise.safetensors"))
    poisoned.setup("fit")
    assert noise.source == poisoned.train_set.source
    assert not torch.equal(poisoned.train_set.images, poisoned.train_set.clean)


@KINDS
def test_shared_channels_make_one_map_and_steps_through_the_grayscale(
    kind: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    L.seed_everything(0)
    data, module = shapes(), generator(GrayAug, kind=kind, steps=10, model_steps=10)
    trainer(max_epochs=6).fit(module, data)
    noise = Release.load(tmp_path / "run" / "noise.safetensors")
    assert noise.difference.shape == ((100 if kind == "samplewise" else 10), 3, 16, 16)
    assert (noise.difference == noise.difference[:, :1]).all()
    assert noise.difference.abs().max() == 8
    poisoned = poison(data.train_set.clean, data.train_set.labels, noise) / 255
    gray, clean_gray = Grayscale()(poisoned), Grayscale()(data.train_set.clean / 255)
    model = module.model.eval()
    wrong, gray_wrong, clean_wrong = (
        (model(images).argmax(1) != data.train_set.labels).float().mean().item()
        for images in (poisoned, gray, clean_gray)
    )
    assert module.deltas.error == pytest.approx(wrong, abs=0.011)
    assert gray_wrong < clean_wrong - 0.1  # the noise explains the labels, in gray too


def test_a_shared_step_is_the_step_on_a_grayscale_image(
    generator: Any, shapes: Any, trainer: Any
) -> None:
    """On gray views a shared map moves as one channel of a three-channel map whose channels move
    alike: by the sign of the gradients' sum."""
    data, module = (
        shapes(train_size=20),
        generator(GrayAug, steps=1, init="zeros", step_size="1/255"),
    )
    seen: dict[str, Any] = {}

    class Before(Callback):
        def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
            seen["state"] = {k: v.clone() for k, v in pl_module.model.state_dict().items()}

    trainer(max_epochs=1, callbacks=[Before()]).fit(module, data)
    reference = generator().model
    reference.load_state_dict(seen["state"])
    gray = Grayscale()(data.train_set.clean / 255).requires_grad_()
    loss = cross_entropy(reference.eval()(gray), data.train_set.labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, gray)
    step = -gradient.sum(1, keepdim=True).sign() / 255
    expected = (gray.detach()[:, :1] + step).clamp(0, 1) - gray.detach()[:, :1]
    assert (module.deltas.delta.float() - expected).abs().gt(1e-3).float().mean() < 0.01


def test_noise_of_another_shape_is_refused(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(), shapes())
    checkpoint = tmp_path / "run" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match="Give the method and the kind"):
        trainer("b", max_epochs=3).fit(generator(GrayAug), shapes(), ckpt_path=checkpoint)


class OnEveryBatch(NoiseDriver):
    """Noise steps come before the model step on the same images: one grey level up."""

    sweeps = "every_batch"

    def noise_step(self, model: Any, images: Any, labels: Any, delta: Any) -> Any:
        model(images)  # as a method would
        return (delta + 1 / 255).clamp(-self.epsilon, self.epsilon)


def test_noise_steps_on_every_batch_come_before_its_model_step(
    generator: Any, shapes: Any, trainer: Any
) -> None:
    seen: list[tuple[int, float]] = []

    class Record(Callback):
        def on_train_batch_end(
            self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
        ) -> None:
            moved = pl_module.deltas.rows(batch).flatten(1).amax(1) * 255
            untouched = (pl_module.deltas.delta == 0).flatten(1).all(1).sum().item()
            seen.append((untouched, moved.min().item()))

    module = generator(OnEveryBatch, init="zeros", model_steps=4, stop_error=None)
    trainer(max_epochs=2, callbacks=[Record()]).fit(module, shapes())
    # batches of 32 of 100 images, the last with some that start over; each round comes to all
    assert [untouched for untouched, _ in seen] == [68, 36, 4, 0, 0, 0, 0, 0]
    assert [round(moved, 1) for _, moved in seen] == [1.0] * 4 + [2.0] * 4
    assert module.noise().difference.min() == 3  # and the sweep after the last round


def test_one_sweep_after_the_last_round_begins_from_the_first_noise(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    class AfterTheLast(OnEveryBatch):
        sweeps = "last_round"

    arguments: dict[str, Any] = {"init": "zeros", "stop_error": None}
    trainer(max_epochs=2).fit(generator(AfterTheLast, **arguments), shapes())
    resumed = generator(AfterTheLast, **arguments)
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    trainer(max_epochs=3).fit(resumed, shapes(), ckpt_path=last)
    assert resumed.noise().difference.unique().tolist() == [1]  # not one more than before
    assert resumed.noise().made_by["rounds"] == 3


@pytest.mark.parametrize("model_steps", [2, 4, 11])
def test_a_round_has_m_model_steps_even_if_the_images_serve_fewer(
    model_steps: int, generator: Any, shapes: Any, trainer: Any
) -> None:
    run = trainer()  # 100 images in batches of 32: four batches a pass
    run.fit(generator(model_steps=model_steps), shapes())
    assert run.global_step == 2 * model_steps


def test_a_victim_of_the_same_seed_starts_from_other_weights(
    generator: Any, classifier: Any
) -> None:
    """Noise is far stronger on the weights that its surrogate started from."""
    starts = []
    for make in (generator, generator, classifier):
        L.seed_everything(0)
        starts.append(make().model[1].weight)
    assert torch.equal(starts[0], starts[1])
    assert not torch.isclose(starts[0], starts[2]).any()


@KINDS
def test_the_same_seed_gives_the_same_file_and_another_seed_another(
    kind: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        L.seed_everything(seed)
        trainer(folder).fit(generator(kind=kind), shapes())
    a, b, c = ((tmp_path / f / "noise.safetensors").read_bytes() for f in "abc")
    assert a == b
    assert a != c


def test_it_stops_at_stop_error_and_says_so(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path, caplog: Any
) -> None:
    module, run = generator(stop_error=0.95), trainer(max_epochs=30)
    with caplog.at_level("INFO"):
        run.fit(module, shapes())
    assert module.deltas.rounds < 30
    assert Release.load(tmp_path / "run" / "noise.safetensors").finished
    assert "stop_error=0.95 is reached" in caplog.text


def test_an_error_of_exactly_stop_error_stops(generator: Any, shapes: Any, trainer: Any) -> None:
    L.seed_everything(0)
    first = generator(stop_error=None)
    trainer("first", max_epochs=1).fit(first, shapes())
    L.seed_everything(0)
    second = generator(stop_error=first.deltas.error)
    trainer("second", max_epochs=3).fit(second, shapes())
    assert second.deltas.rounds == 1


def test_true_half_precision_is_refused(generator: Any, shapes: Any, trainer: Any) -> None:
    with pytest.raises(UnlearnableError, match="bf16-mixed"):
        trainer(precision="bf16-true").fit(generator(), shapes())


def test_a_checkpoint_of_the_other_kind_is_refused(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(), shapes())
    checkpoint = tmp_path / "run" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match="kind"):
        trainer("b", max_epochs=3).fit(generator(kind="classwise"), shapes(), ckpt_path=checkpoint)


def test_it_stops_at_max_epochs_and_says_so(
    generator: Any, shapes: Any, trainer: Any, caplog: Any
) -> None:
    with caplog.at_level("INFO"):
        trainer(max_epochs=1).fit(generator(stop_error=0.0), shapes())
    assert "max_epochs=1 is reached" in caplog.text


class Stop(Callback):
    """Raises in the sweep of a round: half of its batches are done."""

    def __init__(self, after_rounds: int, error: BaseException) -> None:
        self.after_rounds, self.error, self.batches = after_rounds, error, 0

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        check = pl_module.check_finite

        def count(value: Any, what: str) -> None:
            check(value, what)
            self.batches += what.startswith("the loss of sweep batch")
            if pl_module.deltas.rounds == self.after_rounds and self.batches % 4 == 2:
                raise self.error

        pl_module.check_finite = count


@pytest.mark.parametrize("after_rounds", [0, 1])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("power cut")])
def test_an_interrupted_run_keeps_its_noise_and_resumes_to_the_unbroken_result(
    after_rounds: int, error: BaseException, generator: Any, shapes: Any, trainer: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    views = ["RandomCropFlip"]  # random draws within the round, too
    L.seed_everything(1)
    trainer("unbroken", max_epochs=3).fit(generator(views=views), shapes())

    L.seed_everything(1)
    with pytest.raises((SystemExit, RuntimeError)):
        trainer("broken", max_epochs=3, callbacks=[Stop(after_rounds, error)]).fit(
            generator(views=views), shapes()
        )
    so_far = Release.load(tmp_path / "broken" / "noise.safetensors")
    assert (so_far.made_by["rounds"], so_far.finished) == (after_rounds, False)

    L.seed_everything(77)  # a resumed run keeps the first one's seed
    checkpoint = tmp_path / "broken" / "checkpoints" / "last.ckpt"
    trainer("broken", max_epochs=3).fit(generator(views=views), shapes(), ckpt_path=checkpoint)
    unbroken, resumed = (
        (tmp_path / name / "noise.safetensors").read_bytes() for name in ("unbroken", "broken")
    )
    assert unbroken == resumed


class Break(Callback):
    """Breaks the surrogate in its second round, at the start of it or before its sweep."""

    def __init__(self, hook: str) -> None:
        setattr(self, hook, self._break)

    def _break(self, trainer: L.Trainer, pl_module: Any, *_: Any) -> None:
        last_step = trainer.fit_loop.epoch_loop.batch_progress.current.completed >= 3
        if pl_module.deltas.rounds == 1 and (self.on_train_batch_end != self._break or last_step):
            next(pl_module.model.parameters()).data.fill_(float("nan"))


@pytest.mark.parametrize(
    ("hook", "where"),
    [
        ("on_train_epoch_start", "the loss of model step 0"),
        ("on_train_batch_end", "the loss of sweep batch 0"),
    ],
)
def test_noise_that_is_not_finite_stops_the_run_and_keeps_the_last_good_noise(
    hook: str, where: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    with pytest.raises(NonFiniteError, match=rf"{where} is not finite in epoch 1.*lower lr"):
        trainer(callbacks=[Break(hook)]).fit(generator(), shapes())
    noise = Release.load(tmp_path / "run" / "noise.safetensors")
    assert noise.made_by["rounds"] == 1
    assert noise.difference.any(dim=(1, 2, 3)).all()
    resumable = tmp_path / "run" / "checkpoints" / "last.ckpt"
    trainer().fit(generator(), shapes(), ckpt_path=resumable)
    assert Release.load(tmp_path / "run" / "noise.safetensors").made_by["rounds"] == 2


def test_the_folder_of_another_run_is_not_overwritten(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(), shapes())
    before = (tmp_path / "run" / "noise.safetensors").read_bytes()
    with pytest.raises(UnlearnableError, match="exists already"):
        trainer().fit(generator(steps=1), shapes())
    assert (tmp_path / "run" / "noise.safetensors").read_bytes() == before


def test_a_checkpoint_is_refused_on_other_images(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(), shapes())
    checkpoint = tmp_path / "run" / "checkpoints" / "last.ckpt"
    for call in ("fit", "predict"):
        run = trainer("other", max_epochs=3)
        with pytest.raises(UnlearnableError, match="other images"):
            getattr(run, call)(generator(), shapes(train_size=101), ckpt_path=checkpoint)
    assert not (tmp_path / "other" / "noise.safetensors").exists()


def test_noise_is_not_made_for_poisoned_images(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(), shapes())
    poisoned = shapes(noise=str(tmp_path / "run" / "noise.safetensors"))
    with pytest.raises(UnlearnableError, match="clean images"):
        trainer("other").fit(generator(), poisoned)
    checkpoint = tmp_path / "run" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match="clean images"):
        trainer("other").predict(generator(), poisoned, ckpt_path=checkpoint)


def test_bfloat16_noise_is_as_unlearnable_for_the_surrogate(
    generator: Any, shapes: Any, trainer: Any
) -> None:
    errors = {}
    for precision in ("32-true", "bf16-mixed"):
        L.seed_everything(0)
        module = generator(steps=10, model_steps=10)
        trainer(precision, max_epochs=6, precision=precision).fit(module, shapes())
        errors[precision] = module.deltas.error
    assert errors["bf16-mixed"] < 0.5  # chance is 0.9
    assert errors["bf16-mixed"] == pytest.approx(errors["32-true"], abs=0.2)


def test_predict_gives_the_poisoned_images_from_a_checkpoint_and_from_a_noise_file(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    data = shapes()
    trainer().fit(generator(), data)
    noise_file = tmp_path / "run" / "noise.safetensors"
    expected = poison(data.train_set.clean, data.train_set.labels, Release.load(noise_file))
    module = NoiseGenLightningModule.load_from_checkpoint(
        tmp_path / "run" / "checkpoints" / "last.ckpt"
    )
    from_checkpoint = trainer("predict").predict(module, shapes())
    from_file = trainer("predict").predict(generator(), shapes(noise=str(noise_file)))
    for batches in (from_checkpoint, from_file):
        assert torch.equal(torch.cat([batch["image"] for batch in batches]), expected)


def test_predict_without_any_noise_is_refused(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    with pytest.raises(UnlearnableError, match="no noise to lay on"):
        trainer().predict(generator(), shapes())
    with pytest.raises(RuntimeError, match="power cut"):
        trainer(callbacks=[Stop(0, RuntimeError("power cut"))]).fit(generator(), shapes())
    start = tmp_path / "run" / "checkpoints" / "last.ckpt"  # the seed's noise is not in it
    with pytest.raises(UnlearnableError, match="whose run finished a round"):
        trainer().predict(generator(), shapes(), ckpt_path=start)


def test_the_picture_shows_clean_noise_and_poisoned_images_of_each_class(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer().fit(generator(), shapes())
    with Image.open(tmp_path / "run" / "noise.png") as picture:
        width, height = picture.size
    assert width / height == pytest.approx(10 / 3, rel=0.1)  # ten classes, three rows


def test_the_surrogate_is_scored_on_clean_images(generator: Any, shapes: Any, trainer: Any) -> None:
    data, module = shapes(), generator()
    (scores,) = trainer().test(module, data, verbose=False)
    right = module.model.eval()(data.test_set.images / 255).argmax(1) == data.test_set.labels
    assert scores["test_accuracy"] == pytest.approx(right.float().mean().item())


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("epsilon", 8),
        ("epsilon", "200/255"),
        ("epsilon", "1/256"),
        ("step_size", 2),
        ("step_size", 1e-09),
        ("steps", 0),
        ("steps", 2.5),
        ("steps", True),
        ("model_steps", -1),
        ("model_steps", 1.0),
        ("sweep_batch_size", 0),
        ("sweep_batch_size", 64.0),
        ("kind", "class-wise"),
        ("init", "zero"),
        ("class_rule", "means"),
        ("stop_error", 5),
    ],
)
def test_bad_arguments_are_refused_by_name(argument: str, value: Any, generator: Any) -> None:
    with pytest.raises(UnlearnableError, match=rf"{argument}='?{value}"):
        generator(**{argument: value})


@KINDS
def test_zeros_that_cannot_become_a_grey_level_are_refused(
    kind: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    """Grey levels: 0.05 in each of 4 steps, once per round for each image, or once per image for
    each class. Of 2 rounds, or of 2 · 100 class-wise steps, that makes less than half a level."""
    step = 0.05 if kind == "samplewise" else 0.0006
    small = {"kind": kind, "epsilon": "1/255", "step_size": step / 255, "init": "zeros"}
    with pytest.raises(UnlearnableError, match="cannot reach half a grey level"):
        trainer().fit(generator(**small), shapes())
    assert not (tmp_path / "run" / "noise.safetensors").exists()
    trainer("started").fit(generator(**small | {"init": "uniform"}), shapes())
    trainer("enough").fit(generator(**small | {"step_size": 2 * step / 255}), shapes())


def test_a_sweep_takes_no_more_images_at_a_time_than_there_are(
    generator: Any, shapes: Any, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranks fill their last batch up to its size: 10 million images would not fit in memory."""
    sizes: list[int] = []
    plain = Sweep.run
    monkeypatch.setattr(Sweep, "run", lambda sweep: (sizes.append(sweep.batch_size), plain(sweep)))
    trainer(max_epochs=1).fit(generator(sweep_batch_size=10**7), shapes())
    assert sizes == [100]


def test_zeros_start_from_zero_and_uniform_from_all_of_the_ball(
    generator: Any, shapes: Any, trainer: Any
) -> None:
    for init in ("zeros", "uniform"):
        first: list[torch.Tensor] = []

        class Record(Callback):
            def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
                first.append(pl_module.deltas.delta.clone())  # noqa: B023  used within the iteration

        trainer(init, callbacks=[Record()], max_epochs=1).fit(generator(init=init), shapes())
        levels = quantize(first[0], 8 / 255).unique().tolist()
        assert levels == ([0] if init == "zeros" else list(range(-8, 9)))
