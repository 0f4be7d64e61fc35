"""What a checkpoint says of its run beside weights and counters, and how a run goes on from it."""

from typing import TYPE_CHECKING, Any

import unlearnable_lightning.run as run

if TYPE_CHECKING:
    from unlearnable_lightning.training.module import ImageModule


def write_progress(module: "ImageModule", checkpoint: dict[str, Any]) -> None:
    """Adds seed, place in an open epoch and what the weights were trained on to a checkpoint."""
    checkpoint["seed"] = module.seed
    checkpoint["open_epoch"] = run.mark(module.trainer) if module.epoch_open else None
    checkpoint["train_images"] = module.train_images
    # a checkpoint made in a notebook lacks what Lightning 2.6's command line opens it by
    checkpoint["hyper_parameters"].setdefault("_class_path", run.class_path(module))


def read_progress(module: "ImageModule", checkpoint: dict[str, Any]) -> None:
    """Takes over what `write_progress` added, and the run itself if a `fit` is to go on with it.

    Raises:
        UnlearnableError: the module's arguments do not fit the weights, or the run cannot go on.
    """
    trainer = module._trainer  # Lightning 2.6: `trainer` raises where there is none
    path = trainer.ckpt_path if trainer is not None else "given"
    past = run.PastRun.of(checkpoint, path)
    past.check_fixed(module.fixed, module.hparams)
    if past.seed is not None:
        module.seed = past.seed
    if trainer is not None and trainer.state.fn == "fit":
        module.resume(checkpoint, path)
    else:
        module.train_images = checkpoint.get("train_images")


def go_on(module: "ImageModule") -> None:
    """Called when training starts: optimizers get new settings, an open epoch is taken up."""
    if module.past is not None:
        run.retune_optimizers(module.trainer, module.past.arguments, module.hparams)
        module.past = None
    if module.resumed is not None:
        point = module.resumed["point"]
        module.epoch_open = point is not None
        run.go_on(module.trainer, point, module.epoch_seed(module.global_rank))
