"""The command `unlearnable`; `python -m unlearnable_lightning` is the same."""

import sys
from importlib.metadata import version


def main() -> None:
    """Runs the command line. `--version` and the help of plain commands do not wait for torch."""
    if sys.argv[1:] == ["--version"]:
        print(f"unlearnable {version('unlearnable-lightning')}")
        return
    try:
        from unlearnable_lightning.command_line.plain import plain_commands, run_plain

        if sys.argv[1:] and sys.argv[1] in plain_commands():
            run_plain(sys.argv[1], sys.argv[2:])
            return
        from unlearnable_lightning.cli import main as run

        run()
    except KeyboardInterrupt:  # while it starts; a training ends in its own way
        sys.exit("error: interrupted")


if __name__ == "__main__":
    main()
