"""Grayscale against the formula of thesis Eq. 3.1, pixel by pixel."""

import torch

from unlearnable_lightning.augment import Grayscale


def test_it_is_the_luma_in_all_three_channels() -> None:
    images = torch.rand(3, 3, 4, 5)
    result = Grayscale()(images)
    for n in range(3):
        for y in range(4):
            for x in range(5):
                red, green, blue = images[n, :, y, x].tolist()
                luma = torch.tensor(0.299 * red + 0.587 * green + 0.114 * blue)
                torch.testing.assert_close(result[n, :, y, x], luma.expand(3))


def test_one_channel_images_stay_as_they_are() -> None:
    images = torch.rand(3, 1, 4, 5)
    assert torch.equal(Grayscale()(images), images)


def test_gray_images_stay_gray() -> None:
    images = torch.rand(3, 1, 4, 5).repeat(1, 3, 1, 1)
    torch.testing.assert_close(Grayscale()(images), images)


def test_the_result_can_be_written_to() -> None:
    result = Grayscale()(torch.rand(2, 3, 4, 4))
    before = result[:, 1].clone()
    result[:, 0] = 0
    assert torch.equal(result[:, 1], before)
