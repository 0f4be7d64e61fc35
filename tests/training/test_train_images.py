"""A resumed training goes on with the images that it began with."""

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from unlearnable_lightning import UnlearnableError


@pytest.fixture
def noise(shapes: Any, noise_for: Any, tmp_path: Path) -> Any:
    """Two noise files for the same images, by seed."""

    def make(seed: int) -> str:
        data = shapes()
        data.setup("fit")
        path = tmp_path / f"noise{seed}.safetensors"
        noise_for(data.train_set.source, seed=seed).save(path)
        return str(path)

    return make


def test_a_victim_is_resumed_on_its_own_images_alone(
    classifier: Any, shapes: Any, trainer: Any, noise: Any, tmp_path: Path
) -> None:
    began, last = {"noise": noise(0)}, tmp_path / "run" / "checkpoints" / "last.ckpt"
    trainer(max_epochs=1).fit(classifier(), shapes(**began))
    before = last.read_bytes()
    others: dict[str, dict[str, Any]] = {
        "without noise": {},
        "with samplewise noise": {"noise": noise(1)},
        "50 images": {"train_subset": 50},
        "101 images": {"train_size": 101},
    }
    for words, data in others.items():
        with pytest.raises(UnlearnableError, match="other images") as refusal:
            trainer(max_epochs=2).fit(classifier(), shapes(**data), ckpt_path=last)
        then, now = str(refusal.value).split("This run has: ")
        assert "100 images" in then
        assert "with samplewise noise of linf 0.0314" in then
        assert words in now
        assert last.read_bytes() == before
    run = trainer(max_epochs=2)
    run.fit(classifier(), shapes(**began), ckpt_path=last)
    assert run.current_epoch == 2


def test_a_clean_victim_does_not_go_on_with_noise(
    classifier: Any, shapes: Any, trainer: Any, noise: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=1).fit(classifier(), shapes())
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match=r"without noise.*with samplewise noise"):
        trainer(max_epochs=2).fit(classifier(), shapes(noise=noise(0)), ckpt_path=last)


def test_the_first_checkpoint_of_a_generator_knows_its_images(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    """It holds no noise yet: that is what the seed draws."""

    class PowerCut(Callback):
        def on_train_batch_end(self, *_: Any) -> None:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        trainer(callbacks=[PowerCut()]).fit(generator(), shapes())
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match="other images"):
        trainer().fit(generator(), shapes(train_subset=50), ckpt_path=last)


def test_a_copy_of_a_checkpoint_remembers_the_images_of_its_training(
    classifier: Any, shapes: Any, trainer: Any, noise: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=1).fit(classifier(), shapes(noise=noise(0)))
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    run = trainer("b")
    run.validate(classifier(), shapes(), ckpt_path=last)
    run.save_checkpoint(tmp_path / "copy.ckpt")
    then, now = (
        torch.load(path, map_location="cpu")["train_images"]
        for path in (last, tmp_path / "copy.ckpt")
    )
    assert then == now
    assert "samplewise" in now["words"]


def test_a_checkpoint_from_before_the_check_still_resumes(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=1).fit(classifier(), shapes())
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(last, map_location="cpu")
    del checkpoint["train_images"], checkpoint["open_epoch"]
    torch.save(checkpoint, last)
    run = trainer(max_epochs=2)
    run.fit(classifier(), shapes(train_subset=50), ckpt_path=last)
    assert run.current_epoch == 2


def test_other_images_are_welcome_in_a_test_and_in_a_new_fit(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=1).fit(classifier(), shapes())
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    module = classifier()
    trainer().test(module, shapes(test_size=40), ckpt_path=last, verbose=False)
    trainer("b").fit(module, shapes(train_subset=50))


def test_a_classifier_trains_without_a_data_module(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    class Floats(torch.utils.data.Dataset[Any]):
        def __len__(self) -> int:
            return 20

        def __getitem__(self, row: int) -> dict[str, torch.Tensor]:
            return {"image": torch.rand(3, 16, 16), "label": torch.tensor(row % 10)}

    loader = torch.utils.data.DataLoader(Floats(), batch_size=10)
    trainer(max_epochs=1).fit(classifier(), loader)
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    run = trainer(max_epochs=2)
    run.fit(classifier(), loader, ckpt_path=last)
    assert run.current_epoch == 2
