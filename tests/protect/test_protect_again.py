"""A call that was stopped goes on: what is done stays as it is, and the end is the same."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from protect_call import Call

from unlearnable_lightning.protect import write


class StoppedError(Exception):
    """In place of a kill: nothing in the package catches it."""


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def times(root: Path) -> dict[str, int]:
    return {str(p.relative_to(root)): p.stat().st_mtime_ns for p in root.rglob("*.png")}


def stop_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops the writing between the line of the record and the file."""
    left = [count]
    save = write.Writer._note

    def note(self: Any, done: Any) -> None:
        save(self, done)
        if left[0] == 0:
            raise StoppedError
        left[0] -= 1

    monkeypatch.setattr(write.Writer, "_note", note)
    monkeypatch.setattr("unlearnable_lightning.protect.threads._WORKERS", 1)


@pytest.mark.parametrize("written", [0, 1, 7])
def test_a_stopped_call_goes_on_to_the_same_pictures(
    written: int, folder: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(folder, tmp_path / "whole") == 0
    with monkeypatch.context() as patch:
        stop_after(written, patch)
        with pytest.raises(StoppedError):
            call(folder, tmp_path / "out")
    before = times(tmp_path / "out") if written else {}
    assert len(before) == written
    first = sorted(folder.iterdir())[0]
    if written:  # what a kill leaves
        (tmp_path / "out" / first.name / f".{sorted(before)[-1]}.1.part").parent.mkdir(
            exist_ok=True
        )
        (tmp_path / "out" / first.name / ".0.png.1.part").write_bytes(b"half")
        with open(tmp_path / "out.report" / "pictures.jsonl", "a") as record:
            record.write('\n{"path": "ha')
    assert call(folder, tmp_path / "out") == 0
    after = contents(tmp_path / "out")
    assert {name: after[name] for name in after if not Path(name).name.startswith(".")} == contents(
        tmp_path / "whole"
    )
    assert before.items() <= times(tmp_path / "out").items()


def test_a_second_call_repeats_nothing(
    folder: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unlearnable_lightning.protect.check._LEAST_STEPS", 2)
    monkeypatch.setattr("unlearnable_lightning.protect.check._EPOCHS", 2)
    assert call(folder, tmp_path / "out", "--check", "true") == 0
    before = times(tmp_path)
    room = "unlearnable_lightning.protect"
    for step in (f"{room}.protection.read_working", f"{room}.steps.check", "lightning.Trainer.fit"):
        monkeypatch.setattr(step, refuse)
    assert call(folder, tmp_path / "out", "--check", "true") == 0
    assert times(tmp_path) == before


def refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("this was done before")


def test_noise_that_was_stopped_goes_on_with_its_rounds(
    folder: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--method", "NoiseGenLightningModule", "--rounds", "3")
    assert call(folder, tmp_path / "whole", *options) == 0
    rounds: list[int] = []
    from unlearnable_lightning.noise.rounds_writer import RoundsWriter

    end = RoundsWriter.on_train_epoch_end

    def count(self: Any, trainer: Any, module: Any) -> None:
        if len(rounds) == 2 and not os.environ.get("GOES_ON"):
            raise StoppedError
        end(self, trainer, module)
        rounds.append(module.deltas.rounds)

    monkeypatch.setattr(RoundsWriter, "on_train_epoch_end", count)
    with pytest.raises(StoppedError):
        call(folder, tmp_path / "out", *options)
    monkeypatch.setenv("GOES_ON", "1")
    assert call(folder, tmp_path / "out", *options) == 0
    assert rounds == [1, 2, 3]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    "change",
    [
        ("--epsilon", "4/255"),
        ("--seed", "1"),
        ("--format", "webp"),
        ("--keep_metadata", "true"),
        ("--method", "UniformClasswise"),
        ("--image_size", "32"),
    ],
)
def test_other_arguments_are_refused(
    change: tuple[str, str], folder: Path, tmp_path: Path, call: Call
) -> None:
    assert call(folder, tmp_path / "out") == 0
    before = contents(tmp_path)
    text = str(call(folder, tmp_path / "out", *change))
    assert "made with" in text or "did not write" in text
    assert contents(tmp_path) == before


def test_other_pictures_are_refused(folder: Path, tmp_path: Path, call: Call) -> None:
    assert call(folder, tmp_path / "out") == 0
    first = sorted(folder.iterdir())[0]
    shutil.copy(sorted(first.iterdir())[0], first / "new.png")
    assert "added, removed or changed" in str(call(folder, tmp_path / "out"))


def test_a_foreign_file_in_a_job_is_refused_and_that_of_a_system_is_not(
    folder: Path, tmp_path: Path, call: Call
) -> None:
    assert call(folder, tmp_path / "out") == 0
    (tmp_path / "out" / "Thumbs.db").touch()
    (tmp_path / "out" / ".DS_Store").touch()
    assert call(folder, tmp_path / "out") == 0
    (tmp_path / "out" / "mine.png").touch()
    assert "mine.png, which this command did not write" in str(call(folder, tmp_path / "out"))


def test_a_protected_file_that_was_removed_comes_back(
    folder: Path, tmp_path: Path, call: Call
) -> None:
    assert call(folder, tmp_path / "out") == 0
    before = contents(tmp_path / "out")
    (tmp_path / "out" / sorted(before)[0]).unlink()
    assert call(folder, tmp_path / "out") == 0
    assert contents(tmp_path / "out") == before


def test_a_full_disk_is_one_sentence_and_the_call_goes_on(
    folder: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(folder, tmp_path / "whole") == 0
    with monkeypatch.context() as patch:
        save, left = write.Writer._save, [3]

        def full(self: Any, noisy: Any, picture: Any, file: Any, suffix: str) -> None:
            save(self, noisy, picture, file, suffix)
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(write.Writer, "_save", full)
        text = str(call(folder, tmp_path / "out"))
    assert "No space left on device" in text
    assert "Make room" in text
    assert not list(tmp_path.rglob("*.part"))
    assert call(folder, tmp_path / "out") == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
