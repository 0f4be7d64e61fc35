"""Files are there whole or not at all, whoever is killed or runs out of room."""

import os
import random
import resource
import signal
import time
from pathlib import Path

import pytest

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import check_folder, new_folder, replacing

SIZE = 2_000_000


def write(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)


def test_it_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        write(tmp_path / "a" / "file", content)
        assert [path.name for path in (tmp_path / "a").iterdir()] == ["file"]
        assert (tmp_path / "a" / "file").read_bytes() == content


def test_an_error_in_the_middle_keeps_the_old_file(tmp_path: Path) -> None:
    write(tmp_path / "file", b"old")

    def interrupted() -> None:
        with replacing(tmp_path / "file") as file:
            file.write(b"half of the new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_full_disk_keeps_the_old_file_and_says_so(tmp_path: Path) -> None:
    write(tmp_path / "file", b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(UnlearnableError, match=r"cannot be written \(.*\); the file of before"):
            write(tmp_path / "file", bytes(SIZE))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnlearnableError, match=r"below/it cannot be written .*nothing is there"):
        write(tmp_path / "file" / "below" / "it", b"")


def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """Twenty writers, each killed at a random moment; what they left over goes with the next."""
    path, draw = tmp_path / "file", random.Random(0)
    write(path, bytes(SIZE))
    for _ in range(20):
        writer = os.fork()
        if writer == 0:
            for byte in range(10_000):
                write(path, bytes([byte % 256]) * SIZE)
            os._exit(1)
        time.sleep(draw.uniform(0, 0.05))
        os.kill(writer, signal.SIGKILL)
        assert os.waitpid(writer, 0)[1] == signal.SIGKILL
        content = path.read_bytes()
        assert len(content) == SIZE
        assert len(set(content)) == 1
    write(path, b"last")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_new_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a" / "out"

    def broken() -> None:
        with new_folder(path) as folder:
            (folder / "half.png").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert not list((tmp_path / "a").iterdir())
    left_over = tmp_path / "a" / ".out.1.part"
    left_over.mkdir()
    with new_folder(path) as folder:
        (folder / "whole.png").touch()
        assert not path.exists()
    assert [each.name for each in path.iterdir()] == ["whole.png"]
    assert not left_over.exists()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for taken in (path, path / "whole.png", tmp_path / "link"):
        with pytest.raises(UnlearnableError, match="new or empty"), new_folder(taken):
            pass


def test_a_folder_that_takes_no_files_is_refused_before(tmp_path: Path) -> None:
    check_folder(tmp_path / "not" / "yet")
    for name in ("a" * 300, "a\0b"):
        with pytest.raises(UnlearnableError, match="cannot be written"):
            check_folder(tmp_path / name)
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UnlearnableError, match="file is no folder"):
            check_folder(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_whose_name_goes_on_is_left_alone(tmp_path: Path) -> None:
    """Two threads write `a.png` and `a.png.png`."""
    with replacing(tmp_path / "a.png.png") as long, replacing(tmp_path / "a.png") as short:
        long.write(b"long")
        short.write(b"short")
    with new_folder(tmp_path / "b.c") as folder:
        with new_folder(tmp_path / "b"):
            pass
        (folder / "d").touch()
    assert (tmp_path / "a.png.png").read_bytes() == b"long"
    assert (tmp_path / "b.c" / "d").exists()
