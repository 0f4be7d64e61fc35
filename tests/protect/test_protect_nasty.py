"""`protect` on a tree with every nasty file: it ends well, and says what it leaves out."""

from html import unescape
from pathlib import Path

import numpy as np
import torch
from nasty import write_nasty, write_odd
from PIL import Image
from protect_call import Call

from unlearnable_lightning.protect.words import shown
from unlearnable_lightning.protect.write import Writer


def test_nasty_files_are_listed_and_the_others_come_out(
    folder: Path, tmp_path: Path, call: Call
) -> None:
    first, second = sorted(folder.iterdir())
    left_out = write_nasty(folder, tmp_path)
    plain = {path.relative_to(folder) for path in second.glob("*.png")}
    plain |= {path.relative_to(folder) for path in first.glob("[0-9]*.png")}
    odd = write_odd(second)

    assert call(folder, tmp_path / "out") == 0

    out = tmp_path / "out"
    expected = plain | {Path(second.name) / name for name, _ in odd.values()}
    assert {path.relative_to(out) for path in out.rglob("*") if path.is_file()} == expected
    for name, size in odd.values():
        with Image.open(out / second.name / name) as picture:
            assert picture.size == size
    report = unescape((tmp_path / "out.report" / "report.html").read_text())
    for path, word in left_out.items():
        row = report.split(f"{path}<td>")[1].partition("<tr>")[0]
        assert word in row, f"{path}: {row}"
    assert "of its several frames the first one is kept" in report
    assert shown(f"{second.name}/") + "caf�.png" in report
    assert "\x1b" not in report


def test_a_picture_that_no_noise_changes_is_said_to_be_bare(tmp_path: Path) -> None:
    """Of one pixel, say, of which the noise is an average."""
    (tmp_path / "in").mkdir()
    Image.new("RGB", (1, 1)).save(tmp_path / "in" / "a.png")
    writer = Writer(tmp_path / "in", tmp_path / "out", tmp_path / "record", keep_metadata=False)
    path = Path("a.png")
    (bare,) = writer.write({path: path}, {path: torch.zeros(3, 16, 16)}, limit=8)
    assert bare.notes == ("not protected: it is too small or too even for a change",)
    assert (tmp_path / "out" / "a.png").exists()


def test_pixels_stay_within_epsilon_of_the_upright_picture(
    folder: Path, tmp_path: Path, call: Call
) -> None:
    first = sorted(folder.iterdir())[0]
    write_odd(first)
    assert call(folder, tmp_path / "out", "--epsilon", "6/255") == 0
    changes = []
    for name in ("twice.png", "one row [1].png", "clear.png"):
        before = np.asarray(Image.open(first / name)).astype(int)
        after = np.asarray(Image.open(tmp_path / "out" / first.name / name)).astype(int)
        changes.append(np.abs(after - before)[..., :3].max())
        assert (after[..., 3:] == before[..., 3:]).all()  # the opacity
    assert changes == [6, 6, 6]


def test_each_picture_has_the_noise_of_its_own_class(
    folder: Path, tmp_path: Path, call: Call
) -> None:
    """Also where two pictures share a stem, and names are given out in another order."""
    for path in sorted(folder.rglob("*.png"))[::2]:
        Image.open(path).save(path.with_suffix(".bmp"))
    assert call(folder, tmp_path / "out", "--labels", table(folder)) == 0
    noises: dict[str, list[np.ndarray]] = {}
    for path in sorted(folder.rglob("*.bmp")):
        new = tmp_path / "out" / path.parent.name / f"{path.name}.png"
        difference = np.asarray(Image.open(new)).astype(int) - np.asarray(Image.open(path))
        noises.setdefault(path.parent.name, []).append(difference)
    for same in noises.values():
        assert np.corrcoef([each.ravel() for each in same]).min() > 0.9
    first, second = (each[0].ravel() for each in noises.values())
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.5
    labels = (tmp_path / "out.report" / "labels.csv").read_text().split()[1:]
    assert all(row.split("/")[0] == row.split(",")[1] for row in labels)


def table(folder: Path) -> Path:
    """Labels that are the folders' names."""
    files = [path.relative_to(folder) for path in folder.rglob("*.*")]
    path = folder.parent / "labels.csv"
    path.write_text("file,label\n" + "".join(f"{each},{each.parent}\n" for each in files))
    return path
