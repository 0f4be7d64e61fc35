"""The curves: of a run that was resumed, that validated now and then, that is not done."""

from pathlib import Path

import pandas as pd
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from experiments.figures.curves import draw, read
from experiments.grid import Grid
from experiments.training import Training
from experiments.words import Figure


def log(folder: Path, values: list[tuple[int, str, float]]) -> None:
    writer = EventFileWriter(str(folder))
    for step, tag, value in values:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(step=step, summary=summary))
    writer.close()


def test_curves_are_read_by_epoch_over_several_files(tmp_path: Path) -> None:
    log(tmp_path, [(9, "train_loss", 2.0), (9, "epoch", 0), (19, "train_loss", 1.5)])
    log(tmp_path, [(19, "epoch", 1), (19, "val_error", 0.5), (20, "epoch", 2)])
    log(tmp_path, [(20, "test_last_none_error", 0.4)])
    table = read(tmp_path)
    assert table["train_loss"].to_dict() == {0: 2.0, 1: 1.5}
    assert table["val_error"].dropna().to_dict() == {1: 0.5}
    assert set(table) == {"train_loss", "val_error"}


def test_a_column_without_a_run_is_not_drawn(tmp_path: Path, thesis: Grid) -> None:
    done = Training("clean", "standard", "crop_flip")
    log(
        tmp_path / "train" / thesis.names.folder(done) / "seed1",  # seed 0 is not done
        [(9, "train_loss", 2.0), (9, "val_error", 0.5), (9, "epoch", 0)],
    )
    panels = {
        "crop + flip": {"training": "standard", "augmentation": "crop_flip"},
        "PGD training": {"training": "pgd-8/255", "augmentation": "crop_flip"},
    }
    figure = Figure(
        drawn_by="curves", title="", caption="", train_data=["clean", "S8"], panels=panels
    )
    drawn = draw(figure, pd.DataFrame({"run": [done, done], "seed": [2, 1]}), tmp_path, thesis)
    assert [ax.get_title() for ax in drawn.axes if ax.get_title()] == ["crop + flip"]
