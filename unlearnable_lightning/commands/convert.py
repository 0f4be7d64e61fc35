"""`unlearnable convert IN OUT --data …`."""

from pathlib import Path
from typing import Any


def convert(
    source: Path,
    target: Path,
    data: Any,
    from_: dict[str, Any] | str | None = None,
    to: dict[str, Any] | str | None = None,
    overwrite: bool = False,
) -> None:
    """Reads noise of any format beside its data, reports on it, writes it in another format.

    Formats: NoiseFile (.safetensors, ours), PoisonedImages, NumpyArrays, ShuffledImages (NTGA),
    TorchTensor (ICLR 2021), NumpyPickle (REM), ImageDict (PIL), PNGFolder, ImageFolder.

    Args:
        source: file or folder to read. Nothing in it is run.
        target: file or folder to write, whole or not at all.
        data: whose images it is noise of.
        from_: format of the source; null looks into it. A format with arguments is written
            '{class_path: ShuffledImages, init_args: {labels: y_train.npy}}'.
        to: format of the target; null goes by its suffix.
        overwrite: whether a target that is a file is replaced. A folder never is, unless empty.
    """
    from unlearnable_lightning.release.facts import facts_of
    from unlearnable_lightning.release.formats import Format, export_release, import_release
    from unlearnable_lightning.release.formats.choose import (
        check_apart,
        check_free,
        format_to_write,
    )
    from unlearnable_lightning.rows import whole

    check_free(target, format_to_write(target, to), overwrite)
    check_apart(source, target)
    if from_ is not None:
        Format.of(from_, "from")
    clean = data.clean_train_set()
    images, labels = whole(clean.clean), clean.labels
    release, form = import_release(source, from_, images, labels, clean.source)
    held = release.made_by.get("held")
    print(f"Format found: {type(form).__name__}{f' ({held})' if held else ''}")
    shape = "×".join(map(str, release.difference.shape))
    print(f"Kind: {release.kind}, {shape} of {clean.source.name}/{clean.source.split}")
    print("\n".join(facts_of(release, labels).lines()))
    written = export_release(target, to, release, images, labels, overwrite)
    print(f"Written: {target} ({type(written).__name__})")
