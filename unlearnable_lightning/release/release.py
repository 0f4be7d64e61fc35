"""A release: what a defender publishes of a set of images, and where it came from."""

import dataclasses
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_indices, check_levels
from unlearnable_lightning.release import file, header, shards
from unlearnable_lightning.release.bound import Bound
from unlearnable_lightning.release.record import as_json, checked
from unlearnable_lightning.release.source import DataSource
from unlearnable_lightning.rows import AnyRows, Rows, pieces

KINDS = ("samplewise", "classwise")


@dataclass(frozen=True, eq=False)  # tensors do not compare to one truth value
class Release:
    """The change of a set of images in 8 bits. It is checked when it is built.

    Attributes:
        difference: int8 or int16 grey levels from -255 to 255: [R, C, H, W], one for each image
            that changes (samplewise), or [K, C, H, W], one for each class (classwise). A tensor, or
            rows of files, which are checked when they are written and when they are loaded.
        kind: `samplewise` or `classwise`.
        source: the images it was made for.
        made_by: plain values as JSON has them. These have a meaning where they are there, a method
            may add what it wants to say: `class_path` and `arguments` of what made it, `seed`,
            `rounds` completed, `error` of the surrogate on the release in [0, 1] (None before the
            first round), `finished` (False after an interruption).
        bound: how far an image may change; None for no bound.
        rows: int64 [R], the images that it changes, ascending; None for all. Of a classwise release
            they say which images take the noise of their class.
        versions: of the packages that made it.

    Raises:
        UnlearnableError: a field of another type, shape or range, or a difference beyond the bound.
    """

    difference: AnyRows = field(repr=False)
    kind: str
    source: DataSource
    made_by: dict[str, Any] = field(default_factory=dict)
    bound: Bound | None = None
    rows: Tensor | None = field(default=None, repr=False)
    versions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnlearnableError(f"kind={self.kind!r}: give one of {', '.join(KINDS)}.")
        if not isinstance(self.source, DataSource):
            raise UnlearnableError(
                f"source is a {type(self.source).__name__}; give the DataSource of the images, "
                "which a data module's train_set has."
            )
        if self.bound is not None and not isinstance(self.bound, Bound):
            raise UnlearnableError(
                f'bound is {self.bound!r}; give one such as Bound("linf", "8/255"), or None.'
            )
        if not isinstance(self.difference, Rows):
            check_levels(self.difference)
        self._set("made_by", checked(self.made_by))
        self._set("versions", _texts(self.versions))
        self._set("rows", _checked_rows(self.rows, self.source.shape[0]))
        if isinstance(self.difference, Tensor):
            self._set("difference", self.difference.detach().cpu().contiguous())
        self._check_shape()
        if isinstance(self.difference, Tensor):
            self.check_differences(self.difference)

    def check_differences(self, difference: Tensor) -> None:
        """Refuses grey levels [r, C, H, W] that this release cannot have.

        Raises:
            UnlearnableError: out of range, or beyond the bound.
        """
        check_levels(difference)
        if self.bound is not None:
            self.bound.check(difference)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)  # frozen for everybody else

    def _check_shape(self) -> None:
        images, *size = self.source.shape
        changed = images if self.rows is None else len(self.rows)
        count = len(self.source.class_names) if self.kind == "classwise" else changed
        shape = tuple(self.difference.shape)
        if shape != (count, *size):
            per = "class" if self.kind == "classwise" else "image that it changes"
            raise UnlearnableError(
                f"the difference has shape {shape}; a {self.kind} release for images of shape "
                f"{self.source.shape} has {(count, *size)}, one for each {per}."
            )

    @property
    def finished(self) -> bool:
        """Whether its maker ended by its own rule; what says nothing of it is finished."""
        return bool(self.made_by.get("finished", True))

    @property
    def amplitude(self) -> float:
        """What a picture of the difference shows as black and white, in pixels of [0, 1]: the bound
        if it is linf, else the largest change there is (a grey level, if there is none)."""
        if self.bound is not None and self.bound.norm == "linf":
            return self.bound.value
        ends = [piece.aminmax() for _, piece in pieces(self.difference, len(self.difference))]
        return max(1, *(max(-int(low), int(high)) for low, high in ends)) / 255

    def difference_for(self, labels: Tensor, index: Tensor | None = None) -> Tensor:
        """The difference of each image; zero for those that are not in `rows`.

        Args:
            labels: [B], the images' labels, of any integer dtype.
            index: [B], the images' places in the data set, of any integer dtype; None for all
                images in order.

        Returns:
            [B, C, H, W] on the CPU, of the dtype of `difference`.

        Raises:
            UnlearnableError: labels or places out of range, or as many of the one as not of the
                other.
        """
        labels = as_indices(labels, "labels", len(self.source.class_names)).cpu()
        images = self.source.shape[0]
        places = torch.arange(images) if index is None else as_indices(index, "index", images).cpu()
        if len(labels) != len(places):
            raise UnlearnableError(
                f"{len(labels)} labels for {len(places)} images; there must be as many. Give the "
                "places of the images in the data set as `index`."
            )
        row = self._row_of_image[places]
        if self.kind == "classwise":
            row = torch.where(row < 0, row, labels)
        found = self.difference.index_select(0, row.clamp(min=0))  # a fifth of the time of [row]
        return found if self.rows is None else found.masked_fill_((row < 0).view(-1, 1, 1, 1), 0)

    @cached_property
    def _row_of_image(self) -> Tensor:
        """Where each image is in `rows`, -1 if it is not; int64 [N]."""
        images = self.source.shape[0]
        if self.rows is None:
            return torch.arange(images)
        table = torch.full((images,), -1)
        table[self.rows] = torch.arange(len(self.rows))
        return table

    def save(self, path: str | Path) -> None:
        """Writes the file whole or not at all; see `files.replacing`. Differences that are rows of
        files go into shards beside it."""
        if not isinstance(self.difference, Tensor):
            check = self.check_differences
            parts = shards.parts(self.difference)
            self.save_header(
                Path(path),
                [shards.write_shard(Path(path), self.difference, part, check) for part in parts],
            )
            return
        file.write(path, self._plain(), {"difference": self.difference} | self._rows_tensor())
        shards.remove_others(Path(path), [])

    def save_header(self, path: Path, written: list[shards.Shard]) -> None:
        """Writes the file of a release whose shards are written, in the order of `shards.parts`,
        and removes those of the release that was there before."""
        dtype = str(self.difference.dtype).removeprefix("torch.")
        header = self._plain() | {"shards": written, "dtype": dtype}
        file.write(path, header, self._rows_tensor(), file.SHARDED)
        shards.remove_others(path, written)

    def _rows_tensor(self) -> dict[str, Tensor]:
        return {} if self.rows is None else {"rows": self.rows}

    def _plain(self) -> dict[str, Any]:
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        plain = {key: fields[key] for key in fields.keys() - {"difference", "rows"}}
        plain["source"] = dataclasses.asdict(self.source)
        plain["bound"] = None if self.bound is None else dataclasses.asdict(self.bound)
        return plain

    @classmethod
    def load(cls, path: str | Path) -> "Release":
        """Reads and checks a file of format 2, of format 1 (int8, L∞, all images) or of format 3,
        whose shards are read once for their checksums and stay in their files.

        Raises:
            NoiseFileError: missing, cut, changed, of another format or not a release.
        """
        head, tensors = file.read(path)
        try:
            release = cls(**header.fields(head, tensors, Path(path)))
            if isinstance(release.difference, shards.ShardRows):
                release.difference.verify(release.check_differences)
            return release
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise file.refusal(path, f"its header does not fit: {error}") from error


def _checked_rows(rows: Tensor | None, images: int) -> Tensor | None:
    if rows is None:
        return None
    rows = as_indices(rows, "rows", images).cpu().contiguous()
    if not len(rows):
        raise UnlearnableError("rows are empty: a release changes one image at least.")
    if not (rows[1:] > rows[:-1]).all():
        raise UnlearnableError(
            "rows are not strictly ascending; each image is named once, in order. Sort them with "
            "the differences: rows, order = rows.sort(); difference = difference[order]."
        )
    return rows


def _texts(versions: Any) -> dict[str, str]:
    plain = as_json(versions, "versions")
    if not isinstance(plain, dict) or not all(isinstance(text, str) for text in plain.values()):
        raise UnlearnableError(
            f"versions are {versions!r}; give texts by the names of the packages."
        )
    return plain
