"""A victim that starts from the weights of a file."""

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from unlearnable_lightning import UnlearnableError


def pretrained(classifier: Any, shapes: Any, trainer: Any, folder: Path, **kwargs: Any) -> Path:
    trainer("prior", max_epochs=1).fit(classifier(test_attacks=[], **kwargs), shapes())
    return folder / "prior" / "checkpoints" / "last.ckpt"


class Start(Callback):
    """Names of the weights with which a training starts, and whether they are those of a file."""

    def __init__(self, path: Path) -> None:
        self.there = torch.load(path, weights_only=True, map_location="cpu")["state_dict"]
        self.same: dict[str, bool] = {}

    def on_train_start(self, trainer: Any, module: Any) -> None:
        for name, value in module.model.state_dict().items():
            there = self.there[f"model.{name}"]
            self.same[name] = there.shape == value.shape and torch.equal(there, value)


def test_it_starts_from_the_weights_of_the_file(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    path = pretrained(classifier, shapes, trainer, tmp_path)
    for weights, same in ((None, False), (str(path), True)):
        start = Start(path)
        run = trainer(f"victim of {weights is None}", max_epochs=1, callbacks=[start])
        run.fit(classifier(weights=weights), shapes())
        assert all(start.same.values()) is same


def test_the_last_layer_is_new_where_the_number_of_classes_differs(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    path = pretrained(classifier, shapes, trainer, tmp_path, num_classes=12)
    start, module = Start(path), classifier(weights=str(path))
    last = len(module.model) - 1
    trainer("victim", max_epochs=1, callbacks=[start]).fit(module, shapes())
    other = [name for name, same in start.same.items() if not same]
    assert other == [f"{last}.weight", f"{last}.bias"]


def test_a_run_that_goes_on_keeps_its_own_weights(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    path = pretrained(classifier, shapes, trainer, tmp_path)
    for folder, epochs in (("a", 1), ("b", 2), ("c", 2)):
        module = classifier(weights=str(path), test_attacks=[], cosine=False)
        torch.manual_seed(0)
        last = tmp_path / "a" / "checkpoints" / "last.ckpt" if folder == "b" else None
        run = trainer(folder, max_epochs=epochs)
        module.seed = None if last else 5
        run.fit(module, shapes(), ckpt_path=last)
    files = [tmp_path / name / "checkpoints" / "last.ckpt" for name in "bc"]
    b, c = (torch.load(file, weights_only=True, map_location="cpu")["state_dict"] for file in files)
    assert all(torch.equal(b[name], c[name]) for name in b)


@pytest.mark.parametrize(
    ("model", "said"),
    [("lenet", "weights=.*another network"), ("resnet_small", "weights=.*another network")],
)
def test_weights_of_another_network_are_refused(
    model: str, said: str, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    path = pretrained(classifier, shapes, trainer, tmp_path)
    with pytest.raises(UnlearnableError, match=said):
        trainer("victim").fit(classifier(model=model, weights=str(path)), shapes())


def test_a_file_that_is_not_there_is_refused(classifier: Any, shapes: Any, trainer: Any) -> None:
    with pytest.raises(UnlearnableError, match="no such file"):
        trainer().fit(classifier(weights="nowhere.ckpt"), shapes())


def test_a_checkpoint_does_not_choose_the_file(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    path = pretrained(classifier, shapes, trainer, tmp_path)
    trainer("victim", max_epochs=1).fit(classifier(weights=str(path)), shapes())
    last = tmp_path / "victim" / "checkpoints" / "last.ckpt"
    kind = type(classifier())
    with pytest.raises(UnlearnableError, match=r"weights=.*names a file"):
        kind.load_from_checkpoint(last)
    assert kind.load_from_checkpoint(last, weights=None).weights is None
