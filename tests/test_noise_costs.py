"""What a noise costs is what its own process took, and a run that is not there has no cost."""

from pathlib import Path

import pytest

from benchmarks.noises import HEAD, Cost, _cells, cost, read


def test_a_command_is_measured_in_a_process_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    found = cost("unlearnable fit -c noise/cifar10_quick.yaml --print_config")
    assert 0 < found.seconds < 600
    assert 20 < found.memory < 20_000  # MiB: Python with numpy, at least
    assert capfd.readouterr().out == ""  # standard output is the table's


def test_a_command_that_fails_ends_the_table_by_its_name() -> None:
    with pytest.raises(SystemExit, match=r"unlearnable convert nothing\.npz(.|\n)*status 2"):
        cost("unlearnable convert nothing.npz")


def test_a_run_is_read_from_what_the_workflow_measured(tmp_path: Path) -> None:
    file = tmp_path / "time.tsv"
    assert read(file) is None
    file.write_text("s\th:m:s\tmax_rss\tcpu_time\n70.5\t0:01:10\t512.25\t66.5\n")
    assert read(file) == Cost(66.5, 512.25)


def test_a_row_says_how_the_cost_grows() -> None:
    few, every = Cost(10.0, 1000.4), Cost(55.0, 2000.0)
    assert _cells(few, every) == ["10", "55", "5.5", "1.0", "1,000", "2,000"]  # 45 s, 45 000 images
    assert _cells(few, None) == ["10", "…", "…", "…", "1,000", "…"]
    assert len(_cells(few, every)) == len(HEAD) - 1
