"""Two tables of results side by side."""

from pathlib import Path

import pytest

from experiments.compare import compare
from unlearnable_lightning.errors import UnlearnableError

ROOT = Path(__file__).parents[2]
HEAD = "train_data,training,metric,last,seed,augmentation,attack,best\n"


def written(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return path


def test_what_both_have_is_compared_by_its_mean_the_largest_difference_first(
    tmp_path: Path,
) -> None:
    first = written(
        tmp_path / "a.csv",
        "clean,standard,error_pct,20,0,none,none,20",
        "S8*,standard,error_pct,80,0,none,none,70",
        "S8*,standard,error_pct,82,1,none,none,70",
        "S8*,standard,loss,3,1,none,none,70",
        "S8*,standard,error_pct,99,1,none,pgd,70",
        "C8,standard,error_pct,50,0,none,none,70",
        "S8*,noise,surrogate_error_pct,1,0,,,",
    )
    second = written(
        tmp_path / "b.csv",
        "S8*,standard,error_pct,71,0,none,none,70",
        "clean,standard,error_pct,20.5,0,none,none,20",
        "G8,standard,error_pct,50,0,none,none,70",
    )
    said, _, table = compare(first, second).partition("\n\n")
    assert said == "2 trainings in both; half of them differ by less than 5.2 points."
    assert table.splitlines()[2:] == [
        "| S8\\* | standard | none | 19.0 ± 1.4 | 29.0 | +10.0 |",
        "| clean | standard | none | 80.0 | 79.5 | -0.5 |",
    ]


def test_tables_with_nothing_in_common_are_refused(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", "clean,standard,error_pct,20,0,none,none,20")
    second = written(tmp_path / "b.csv", "S8,standard,error_pct,20,0,none,none,20")
    with pytest.raises(UnlearnableError, match=r"no training in common\. Give two tables"):
        compare(first, second)


@pytest.mark.parametrize("text", [None, "", "a,b\n1,2\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "a.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UnlearnableError, match=r"a\.csv is no table of results.*Give a results"):
        compare(path, path)


def test_the_committed_page_of_two_draws_is_made_of_the_committed_tables() -> None:
    docs = ROOT / "docs"
    made = compare(docs / "draws" / "float32.csv", docs / "results" / "results.csv")
    assert made in (docs / "draws.md").read_text(encoding="utf-8")
