"""`python -m benchmarks.gradients`: which part of a photo a young surrogate looks at.

A surrogate trains on M = 100 batches of clean images, as in the first round of the laptop's noise.
Then the gradient of its loss by the images: how much of its power is smooth (at up to 4 cycles per
image), and how much of the smooth part and of the fine part is luma. The images themselves beside
it. Mean and standard deviation over three seeds. The table is in docs/surrogates.md.
"""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmarks.pictures import pictures
from unlearnable_lightning.augment import RandomCropFlip
from unlearnable_lightning.inspection.colour import luma_powers
from unlearnable_lightning.models.build import build_model
from unlearnable_lightning.rows import whole

SURROGATES: dict[str, tuple[str, dict[str, object]]] = {
    "pooled CNN": ("cnn_pooled", {}),
    "pooled CNN, average pooling": ("cnn_pooled", {"pool": "average"}),
    "pooled CNN, half as wide": ("cnn_pooled", {"width": 0.5}),
    "pooled CNN, average pooling, half as wide": ("cnn_pooled", {"pool": "average", "width": 0.5}),
    "small ResNet": ("resnet_small", {}),
    "strided CNN": ("cnn_strided", {}),
}
SEEDS, STEPS, BATCH, LOOKED_AT = (0, 1, 2), 100, 128, 512


def run() -> str:
    """A row per network, and one of the images."""
    data = pictures(20_000)
    data.setup("fit")
    images, labels = whole(data.train_set.clean), data.train_set.labels
    lines = [
        "| gradient of | smooth part, % of its power | luma share, smooth part "
        "| luma share, fine part |",
        "| --- | ---: | ---: | ---: |",
    ]
    pixels = images[:LOOKED_AT].float() / 255
    lines.append(row("(the images, less their mean)", [shares(pixels - pixels.mean(0))]))
    for title, (model, arguments) in SURROGATES.items():
        found = [shares(gradient(model, arguments, seed, images, labels)) for seed in SEEDS]
        lines.append(row(title, found))
    return "\n".join(lines)


def gradient(
    model: str, arguments: dict[str, object], seed: int, images: Tensor, labels: Tensor
) -> Tensor:
    """Of the loss of a young surrogate, by images that it did not see: [512, 3, 32, 32]."""
    torch.manual_seed(seed)
    view = RandomCropFlip()
    network = build_model(model, num_classes=10, in_channels=3, image_size=32, model_args=arguments)
    optimizer = torch.optim.SGD(network.parameters(), 0.1, 0.9, weight_decay=5e-4)
    for _ in range(STEPS):
        rows = torch.randint(LOOKED_AT, len(images), (BATCH,))
        optimizer.zero_grad()
        cross_entropy(network(view(images[rows].float() / 255)), labels[rows]).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
    network.eval()
    looked_at = view(images[:LOOKED_AT].float() / 255).requires_grad_()
    loss = cross_entropy(network(looked_at), labels[:LOOKED_AT], reduction="sum")
    found: Tensor = torch.autograd.grad(loss, looked_at)[0]
    return found


def shares(change: Tensor) -> Tensor:
    """Share of the power that is smooth, luma share of the smooth part, of the fine part."""
    luma, all_of_it = luma_powers(change)
    return torch.stack([all_of_it[0] / all_of_it.sum(), *(luma / all_of_it)])


def row(title: str, found: list[Tensor]) -> str:
    mean = torch.stack(found).mean(0).tolist()
    deviation = torch.stack(found).std(0).tolist() if len(found) > 1 else None
    smooth, low, high = (
        f"{100 * value:.0f}" if place == 0 else f"{value:.2f}" for place, value in enumerate(mean)
    )
    if deviation is None:
        return f"| {title} | {smooth} | {low} | {high} |"
    return (
        f"| {title} | {smooth} ± {100 * deviation[0]:.0f} | {low} ± {deviation[1]:.2f} "
        f"| {high} ± {deviation[2]:.2f} |"
    )


if __name__ == "__main__":
    print(run())
