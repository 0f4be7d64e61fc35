"""What `protect` refuses, in a sentence, before it writes anything."""

import os
from pathlib import Path

import pytest
from protect_call import Call, shapes

from unlearnable_lightning.protect.labels import LEAST


def refused(call: Call, tmp_path: Path, *arguments: str | Path) -> str:
    before = sorted(tmp_path.rglob("*"))
    end = call(*arguments)
    assert isinstance(end, str), end
    assert sorted(tmp_path.rglob("*")) == before
    assert end.count("\n") == 0
    return end


def test_one_class(tmp_path: Path, call: Call) -> None:
    root = shapes(tmp_path / "in", 60, 16, classes=1)
    assert "one class (disc)" in refused(call, tmp_path, root, tmp_path / "out")


def test_a_folder_without_classes(tmp_path: Path, call: Call) -> None:
    root = shapes(tmp_path / "in", 60, 16, classes=1) / "disc"
    assert "--labels FILE.csv" in refused(call, tmp_path, root, tmp_path / "out")


def test_too_few_pictures_of_a_class(folder: Path, tmp_path: Path, call: Call) -> None:
    first = sorted(folder.iterdir())[0]
    for path in sorted(first.iterdir())[LEAST - 1 :]:
        path.write_bytes(path.read_bytes()[:60])  # damaged ones do not count
    text = refused(call, tmp_path, folder, tmp_path / "out")
    assert f"{first.name} ({LEAST - 1}) of 2 classes have fewer than {LEAST} pictures" in text
    assert "learns the single pictures instead" in text


@pytest.mark.parametrize("place", ["in/out", ".", "in", "in/../in/deep/out"])
def test_folders_within_one_another(place: str, folder: Path, tmp_path: Path, call: Call) -> None:
    assert "lie within one another" in refused(call, tmp_path, folder, tmp_path / place)


def test_folders_within_one_another_by_a_link(folder: Path, tmp_path: Path, call: Call) -> None:
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    text = refused(call, tmp_path, folder, tmp_path / "link" / "out")
    assert "lie within one another" in text


def test_pictures_where_the_report_would_lie(folder: Path, tmp_path: Path, call: Call) -> None:
    folder.rename(tmp_path / "trip.report")
    text = refused(call, tmp_path, tmp_path / "trip.report", tmp_path / "trip")
    assert "lie within one another" in text


@pytest.mark.parametrize("closed", ["out", "."])
def test_an_out_that_may_not_be_written(
    closed: str, folder: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a picture is read; also where OUT is closed and the folder around it is not."""
    (tmp_path / "out").mkdir()
    access, place = os.access, (tmp_path / closed).resolve()
    monkeypatch.setattr(os, "access", lambda path, how: Path(path) != place and access(path, how))
    monkeypatch.setattr("unlearnable_lightning.protect.protection.read_working", None)
    text = refused(call, tmp_path, folder, tmp_path / "out")
    assert f"{place} may not be written" in text


def test_an_out_with_files_of_others(folder: Path, tmp_path: Path, call: Call) -> None:
    other = tmp_path / "out" / "holiday" / "beach.png"
    other.parent.mkdir(parents=True)
    other.touch()
    text = refused(call, tmp_path, folder, tmp_path / "out")
    assert "holiday/beach.png, which this command did not write" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--method", "LPS"), "Give one of AR, "),
        (("--method", "ClosedForm"), "is no method"),
        (("--method", "os.system"), "is no method"),
        (("--epsilon", "8"), "Did you mean 8/255?"),
        (("--epsilon", "1/510"), "smallest epsilon"),
        (("--epsilon", "200/255"), "out of range"),
        (("--image_size", "8"), "at least 16 pixels"),
        (("--rounds", "0"), "at least 1 round"),
        (("--seed", "-1"), "0 to 4294967295"),
        (("--method_args", "{step: 3}"), "Change method_args"),
        (("--method_args", "{image_size: 3}"), "Leave them out there"),
        (("--labels", "nowhere.csv"), "nowhere.csv cannot be read"),
    ],
)
def test_arguments(
    arguments: tuple[str, str], words: str, folder: Path, tmp_path: Path, call: Call
) -> None:
    assert words in refused(call, tmp_path, folder, tmp_path / "out", *arguments)


@pytest.mark.parametrize("place", ["nowhere", "file.txt"])
def test_no_folder(place: str, folder: Path, tmp_path: Path, call: Call) -> None:
    (tmp_path / "file.txt").touch()
    assert "give the folder of your pictures" in refused(
        call, tmp_path, tmp_path / place, tmp_path / "out"
    )
    assert place == "nowhere" or "is a file" in refused(
        call, tmp_path, folder, tmp_path / "file.txt"
    )


@pytest.mark.parametrize("method", ["OPS", "CUDA", "AR"])
def test_noise_that_a_resize_takes_away(
    method: str, folder: Path, tmp_path: Path, call: Call
) -> None:
    text = refused(call, tmp_path, folder, tmp_path / "out", "--method", method)
    assert "a resize of the picture averages away" in text
