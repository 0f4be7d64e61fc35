"""`unlearnable inspect NOISE --data …`: what can be said of a noise without training a network."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unlearnable_lightning.data import ImageDataset
    from unlearnable_lightning.inspection import Pair
    from unlearnable_lightning.inspection.page import Picture


def inspect(
    noise: Path,
    data: Any,
    noise_format: dict[str, Any] | str | None = None,
    out: Path | None = None,
    images: int | None = None,
    tsne: int | None = None,
    seed: int = 0,
) -> None:
    """Measures a noise without training: norms, visibility, separability, spectrum, a page of them.

    Args:
        noise: noise file, or whatever `noise_format` reads. It takes the place of a noise that the
            data names; with poison_rate or poison_classes it is laid on these images alone.
        data: whose training images it was made for.
        noise_format: how a foreign file is read, as for `fit`; null for our own files.
        out: folder of the page `inspect.html` and the numbers `inspect.json`; null takes
            NOISE_inspect, beside the noise.
        images: how many of the images that the noise changes are measured; null takes 10000, fewer
            of large images.
        tsne: how many of them t-SNE places on a plane (2000 take some ten seconds), which needs
            scikit-learn; null for none.
        seed: of the draw of images and of the probes' splits.
    """
    from unlearnable_lightning.checks.seed import check_seed
    from unlearnable_lightning.files import check_folder
    from unlearnable_lightning.inspection import Pair, drawn, measure
    from unlearnable_lightning.inspection.embedding import check_embedding
    from unlearnable_lightning.inspection.lines import plain, tables
    from unlearnable_lightning.inspection.pictures import pictures
    from unlearnable_lightning.inspection.record import Subject, write
    from unlearnable_lightning.rows import whole

    check_seed(seed)
    place = noise if noise.name else noise.absolute()  # a folder of pictures may be `.`
    folder = out or place.parent / f"{place.stem}_inspect"
    check_folder(folder)
    if tsne is not None:
        check_embedding(tsne)
    dataset = _poisoned(data, noise, noise_format)
    pair = Pair(whole(dataset.clean), whole(dataset.images), dataset.labels)
    rows = drawn(pair, images, seed)
    print(f"{noise}: measuring {len(rows)} of {len(pair)} images, a minute or so", flush=True)
    of = measure(pair, rows, seed)
    print("\n\n".join(plain(table) for table in tables(of)))
    part, names = pair.rows(rows), dataset.source.class_names
    shown = [_grid(part, names), *pictures(of, part.labels, tsne, seed)]
    subject = Subject(str(noise), dataset.noise, dataset.source, seed)
    for path in write(folder, subject, of, shown, [names[each] for each in part.classes]):
        print(f"written: {path}")


def _poisoned(data: Any, noise: Path, noise_format: dict[str, Any] | str | None) -> "ImageDataset":
    """All training images of the data, in their order, with the noise on them."""
    data.noise, data.noise_format = str(noise), noise_format
    data.poisoned_val_size, data.predict_on = 0, "train"  # none is held out: noise is for all
    data.prepare_data()
    data.setup("predict")
    dataset: ImageDataset = data.train_set
    return dataset


def _grid(part: "Pair", names: tuple[str, ...]) -> "Picture":
    """Clean, noise and poisoned, one of each of the first ten classes."""
    from torchvision.transforms.functional import to_pil_image

    from unlearnable_lightning.inspection.page import Picture
    from unlearnable_lightning.noise import triples
    from unlearnable_lightning.noise.release_files import one_per_class

    rows = one_per_class(part.labels)
    levels = part.change[rows]
    most = max(1, int(levels.abs().max()))
    scale = max(1, 96 // max(levels.shape[2:]))
    image = to_pil_image(triples(part.clean[rows], levels, most / 255, scale))
    shown = ", ".join(names[label] for label in part.labels[rows].tolist())
    caption = (
        f"Clean images, their noise, and the two together; from the left: {shown}. The noise is "
        f"shown {127.5 / most:.3g} times as strong: mid-grey is no change, white is +{most} and "
        f"black -{most} grey levels, the largest change among these."
    )
    return Picture(image, caption, wide=True)
