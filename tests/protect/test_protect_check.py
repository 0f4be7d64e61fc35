"""The check: what is held out, and how often."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from unlearnable_lightning.protect import check as module

SIZE = 16


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[int], list[int]]]:
    """The numbers of the pictures that each network was trained and tested on. A picture says its
    number in its corner, which no breaker may touch here."""
    found: list[tuple[set[int], list[int]]] = []

    def numbers(images: Tensor) -> list[int]:
        high, low = (images[:, channel, 0, 0] * 255 for channel in (0, 1))
        return (high.round() * 256 + low.round()).int().tolist()

    def accuracy(images: Tensor, labels: Tensor, test: Tensor, truth: Tensor, seed: int) -> float:
        assert images.dtype == test.dtype == torch.float32
        found.append((set(numbers(images)), numbers(test)))
        return 0.25 + 0.5 * (truth == 0).double().mean().item()

    monkeypatch.setattr(module, "accuracy", accuracy)
    monkeypatch.setattr(module, "BREAKERS", {"as they are": lambda images: images})
    return found


def checked(folder: Path, counts: list[int]) -> module.Checked:
    total = sum(counts)
    clean = torch.zeros(total, 3, SIZE, SIZE, dtype=torch.uint8)
    clean[:, 0] = (torch.arange(total) // 256).view(-1, 1, 1)
    clean[:, 1] = (torch.arange(total) % 256).view(-1, 1, 1)
    files = [folder / f"{number}.png" for number in range(total)]
    for image, file in zip(clean, files, strict=True):
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(file)
    labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    return module.check(clean, labels, files, seed=0, say=print)


def test_of_few_pictures_each_is_held_out_once(
    tmp_path: Path, calls: list[tuple[set[int], list[int]]]
) -> None:
    found = checked(tmp_path, [30, 10])
    clean, protected = calls[:5], calls[5:]
    for networks in (clean, protected):
        assert sorted(number for _, tested in networks for number in tested) == list(range(40))
        assert all(not trained & set(tested) for trained, tested in networks)
        assert all(sum(number < 30 for number in tested) == 6 for _, tested in networks)
    assert (found.trained_on, found.tested_on, found.chance) == (32, 40, 0.75)
    assert found.clean["as they are"] == pytest.approx(0.25 + 0.5 * 0.75)


@pytest.mark.parametrize(("count", "times"), [(200, 5), (300, 4), (500, 2), (1000, 1), (1100, 1)])
def test_of_many_a_fifth_is_enough(
    count: int, times: int, tmp_path: Path, calls: list[tuple[set[int], list[int]]]
) -> None:
    found = checked(tmp_path, [count // 2, count // 2])
    assert len(calls) == 2 * times
    assert found.tested_on == times * min(count, 1000) // 5 >= 200
    assert found.trained_on == min(count, 1000) * 4 // 5
