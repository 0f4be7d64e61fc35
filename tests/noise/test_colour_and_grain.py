"""What the log of a noise run says of colour and grain."""

from typing import Any

import pytest
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.inspection import Pair, colour
from unlearnable_lightning.noise import GrayAug
from unlearnable_lightning.noise.colour_and_grain import colour_and_grain
from unlearnable_lightning.pixels import add


def test_it_is_what_an_inspection_finds(shapes: Any, noise_for: Any) -> None:
    data = shapes(train_size=1200)
    data.setup("fit")
    images = data.train_set
    noise = noise_for(images.source)
    found = colour_and_grain(noise, images)
    poisoned = add(images.clean, noise.difference)
    whole = colour(Pair(images.clean, poisoned, images.labels))
    assert whole is not None
    # 600 of the 1 200 images
    assert found["noise/luma_share"] == pytest.approx(whole.luma_share, abs=0.01)
    assert found["noise/red_green"] == pytest.approx(whole.red_green, abs=0.01)
    assert 0 < found["noise/low_share"] < 0.5


def test_gray_images_have_grain_alone(noise_for: Any) -> None:
    images = torch.randint(0, 256, (100, 1, 16, 16), dtype=torch.uint8)
    gray = ImageDataset("gray", "train", images, torch.arange(100) % 2, ["a", "b"])
    found = colour_and_grain(noise_for(gray.source), gray)
    assert set(found) == {"noise/mean_radius", "noise/low_share"}


def test_every_round_logs_it(shapes: Any, tmp_path: Any, trainer: Any, generator: Any) -> None:
    module = generator(GrayAug, stop_error=None)
    run = trainer(max_epochs=2, logger=TensorBoardLogger(tmp_path))
    run.fit(module, shapes())
    events = EventAccumulator(str(run.log_dir)).Reload()
    logged = events.Scalars("noise/luma_share")
    assert [event.step for event in logged] == [1, 2]
    # one map for all channels: colourless but where the clean pixels are at 0 or 255
    assert all(event.value > 0.85 for event in logged)
