"""One folder and a table of labels."""

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
    ],
)
def test_tables_that_are_none(
    text: str, words: str, flat: tuple[Path, dict[str, str]], tmp_path: Path, call: Call
) -> None:
    root, labels = flat
    table = tmp_path / "labels.csv"
    table.write_text(text.replace("{0}", next(iter(labels))))
    assert words in str(call(root, tmp_path / "out", "--labels", table))
    table.write_bytes("file,label\ncafé.png,x\n".encode("latin-1"))
    assert "UTF-8" in str(call(root, tmp_path / "out", "--labels", table))
