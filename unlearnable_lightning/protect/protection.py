"""From a folder of pictures to a protected one: what is refused, what is read, what is kept."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from unlearnable_lightning.protect import job
from unlearnable_lightning.protect.arguments import Arguments
from unlearnable_lightning.protect.labels import by_folder, by_table, check_enough, check_two
from unlearnable_lightning.protect.names import new_names
from unlearnable_lightning.protect.quiet import quiet
from unlearnable_lightning.protect.steps import Steps
from unlearnable_lightning.protect.tree import Skipped, files_of
from unlearnable_lightning.protect.words import shown
from unlearnable_lightning.protect.working import Working, read_working


def protect_folder(given: Arguments, checks: bool, say: Callable[[str], None]) -> Path:
    """Writes the protected pictures and the report; what a call before has done is not done again.

    Args:
        given: of the command.
        checks: whether networks are trained on the result.
        say: is told what is done.

    Returns:
        The path of the report.

    Raises:
        UnlearnableError: whatever cannot be protected so; before anything is written, unless the
            disk is full.
    """
    source, out = job.check_places(given.source, given.out)
    files, skipped = files_of(source)
    of, without = by_table(files, given.labels) if given.labels else by_folder(files)
    check_two(of.values(), shown(source))
    side = job.side_folder(out)
    kept = Working.load(side)
    if kept is None:
        job.check_out(out, set())
    with quiet():
        working = kept or _read(given, source, of, [*skipped, *without])
        method = given.build(len(working.names))
        names = new_names(working.paths, given.suffix)
        job.check_out(out, set(names.values()))
        with job.locked(side):
            if job.take_up(side, given.deciding(), _fingerprint(source, of)):
                say(f"going on with what {shown(side)} holds")
            if kept is None:
                working.save(side)
            return Steps(given, method, source, out, side, working, say).run(names, checks)


def _read(given: Arguments, source: Path, of: dict[Path, str], skipped: list[Skipped]) -> Working:
    working = read_working(source, of, given.image_size, given.longest, skipped)
    labels = [working.names[label] for label in working.labels.tolist()]
    check_two(labels, shown(source))
    check_enough(labels, shown(source))
    return working


def _fingerprint(source: Path, of: dict[Path, str]) -> str:
    """Of names, labels, sizes and times of the files."""
    digest = hashlib.sha256()
    for path, label in sorted(of.items()):
        stat = (source / path).stat()
        digest.update(repr((str(path), label, stat.st_size, stat.st_mtime_ns)).encode())
    return digest.hexdigest()
