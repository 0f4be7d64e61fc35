"""One folder and a table of labels."""

import os
import shutil
from html import unescape
from pathlib import Path

import pytest
from protect_call import Call


@pytest.fixture
def flat(folder: Path, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """The pictures of `folder` in one, and their labels."""
    labels = {}
    (tmp_path / "flat" / "sub").mkdir(parents=True)
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        name = f"sub/{path.name}" if number % 5 == 0 else path.name
        shutil.copy(path, tmp_path / "flat" / name)
        labels[name] = path.parent.name
    return tmp_path / "flat", labels


def test_a_table_names_the_classes(
    flat: tuple[Path, dict[str, str]], tmp_path: Path, call: Call
) -> None:
    root, labels = flat
    shutil.copy(root / next(name for name in labels if "/" not in name), root / "unnamed.png")
    rows = [
        f".\\{name};{label}" if "/" in name else f"{name};{label}" for name, label in labels.items()
    ]
    text = "\ufeffFile;Label;more\n" + "\n".join(rows) + "\nnowhere.png;disc\n\n"
    (tmp_path / "labels.csv").write_text(text.replace("sub/", "sub\\"), encoding="utf-8")

    assert call(root, tmp_path / "out", "--labels", tmp_path / "labels.csv") == 0

    out = tmp_path / "out"
    assert {str(path.relative_to(out)) for path in out.rglob("*.png")} == set(labels)
    report = unescape((tmp_path / "out.report" / "report.html").read_text())
    assert "unnamed.png<td>not named in labels.csv" in report
    assert "nowhere.png<td>named in labels.csv, but no picture to be found" in report
    written = (tmp_path / "out.report" / "labels.csv").read_text().split()
    assert sorted(written) == sorted(["file,label", *map(",".join, labels.items())])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.png,disc\n", "must name the columns file and label"),
        ("file,label\n{0},disc\n{0},ring\n", "has the labels disc and ring"),
        ("file,label\nnowhere.png,disc\n", "no class"),
        ("", "must name the columns file and label"),
        ("file,label\n{0},disc\n{0},\n", "has the labels disc and None"),
        ("file,label\n" + "x" * 200_000 + ",disc\n", "is no CSV"),
    ],
)
def test_tables_that_are_none(
    text: str, words: str, flat: tuple[Path, dict[str, str]], tmp_path: Path, call: Call
) -> None:
    root, labels = flat
    table = tmp_path / "labels.csv"
    table.write_text(text.replace("{0}", next(iter(labels))))
    assert words in str(call(root, tmp_path / "out", "--labels", table))


@pytest.mark.parametrize(
    "content",
    [
        "file,label\ncafé.png,x\n".encode("latin-1"),
        b"file,label\n{0},caf\xe9\n",
        "file,label\na.png,x\n".encode("utf-16"),  # "Unicode text" of a spreadsheet
    ],
)
def test_a_table_of_other_bytes(
    content: bytes, flat: tuple[Path, dict[str, str]], tmp_path: Path, call: Call
) -> None:
    root, labels = flat
    (tmp_path / "labels.csv").write_bytes(content.replace(b"{0}", next(iter(labels)).encode()))
    text = str(call(root, tmp_path / "out", "--labels", tmp_path / "labels.csv"))
    assert "is no text in UTF-8" in text


def test_names_of_any_bytes_are_found(
    flat: tuple[Path, dict[str, str]], tmp_path: Path, call: Call
) -> None:
    """Line breaks, bytes that are no UTF-8, and a name that is another's in Windows' spelling: the
    table that the command writes beside OUT can be given to it again."""
    root, labels = flat
    one, *_ = (name for name in labels if "/" not in name)
    two, *_ = (name for name in labels if "/" in name)
    odd = {"two\nlines.png": one, " blank.png": one, os.fsdecode(b"caf\xe9.png"): one}
    odd[two.replace("/", "\\")] = one
    for name in odd:
        shutil.copy(root / one, root / name)
    labels |= {name: labels[one] for name in odd}
    text = "".join(f'"{name}",{label}\r\n' for name, label in labels.items())
    table = tmp_path / "labels.csv"
    rows = f"\ufefffile,label\r\n{text}{text}"  # every row twice
    table.write_bytes(rows.encode("utf-8", "surrogateescape"))
    for out in (tmp_path / "out", tmp_path / "again"):
        assert call(root, out, "--labels", table) == 0
        assert {str(path.relative_to(out)) for path in out.rglob("*.png")} == set(labels)
        table = tmp_path / "out.report" / "labels.csv"


def test_a_picture_without_a_label_is_left_out(
    flat: tuple[Path, dict[str, str]], tmp_path: Path, call: Call
) -> None:
    root, labels = flat
    bare = next(iter(labels))
    rows = [f"{name},{'' if name == bare else label}" for name, label in labels.items()]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows]))
    assert call(root, tmp_path / "out", "--labels", tmp_path / "labels.csv") == 0
    assert not (tmp_path / "out" / bare).exists()
    report = (tmp_path / "out.report" / "report.html").read_text()
    assert f"{bare}<td>has no label in labels.csv" in report
