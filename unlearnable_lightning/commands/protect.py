"""`unlearnable protect IN OUT`: a folder of pictures, and the same with noise."""

from pathlib import Path
from typing import Any, Literal


def protect(
    source: Path,
    out: Path,
    method: str = "NoiseGenLightningModule",
    epsilon: float | str = "8/255",
    image_size: int = 32,
    rounds: int = 30,
    method_args: dict[str, Any] | None = None,
    labels: Path | None = None,
    format: Literal["png", "webp"] = "png",
    keep_metadata: bool = False,
    check: bool = True,
    seed: int = 0,
) -> None:
    """Writes your pictures again with noise that hinders networks from learning them.

    Read the warning on top of the report before you publish anything: grey, JPEG and removers that
    others train undo much of it. Beside OUT comes OUT.report with report.html; keep that folder to
    yourself. A call that was stopped goes on if it is given again.

    Args:
        source: your pictures, in a folder per class (person, place, subject), or in one folder
            with --labels. Any size and shape; nothing is changed there.
        out: a new folder, elsewhere, for the same tree at full size.
        method: what makes the noise, a name of unlearnable_lightning.noise or an import path:
            NoiseGenLightningModule, GrayAug, SignClasswise, LSP, …
        epsilon: by how much a value of a pixel may change, white being 1; 8/255 is hard to see.
        image_size: side in pixels of the squares that the noise is made on. Networks that bring
            your pictures to a smaller size lose much of it; twice as many take four times as long.
        rounds: of a method by gradient; more take longer.
        method_args: further arguments of the method, such as '{model: resnet_small}'.
        labels: a CSV with the columns file (relative to the folder) and label, in place of
            folders per class.
        format: of the new files; both lose nothing, webp is smaller and slower.
        keep_metadata: whether EXIF and XMP go with the pictures: camera, date, and the place where
            they were taken (GPS).
        check: whether small networks are trained on the result, which takes minutes; the report
            says what they learned.
        seed: of all random draws.
    """
    from unlearnable_lightning.protect.arguments import Arguments
    from unlearnable_lightning.protect.protection import protect_folder
    from unlearnable_lightning.protect.words import shown

    given = Arguments(
        source=source,
        out=out,
        method=method,
        epsilon=epsilon,
        image_size=image_size,
        rounds=rounds,
        seed=seed,
        labels=labels,
        format=format,
        keep_metadata=keep_metadata,
        method_args=method_args or {},
    )
    report = protect_folder(given, check, lambda text: print(text, flush=True))
    print(f"Read {shown(report)} before you publish {shown(out)}.")
