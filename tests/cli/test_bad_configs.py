"""What is wrong in a YAML is said in one line that names the file and the key."""

import json
from pathlib import Path
from typing import Any

import pytest

from unlearnable_lightning.cli import main

BAD_CONFIGS = {
    "empty": (b"", "is empty"),
    "a comment alone": (b"# to do\n", "is empty"),
    "a list": (b"- model\n- data\n", "holds \"['model', 'data']\""),
    "a word": (b"fast\n", "holds 'fast'"),
    "a tab": (b"model:\n\tlr: 1\n", "is no YAML"),
    "an open bracket": (b"model: {lr: 1\n", "is no YAML"),
    "no UTF-8": ("data: Bücher".encode("latin-1"), "is no text file"),
    "a key that is none": (b"modle: ClassifierModule\n", "no argument modle. Did you mean model?"),
    "a key of the Trainer": (
        b"trainer:\n  max_epoch: 3\n",
        "no argument trainer.max_epoch. Did you mean trainer.max_epochs?",
    ),
    "a key of the model": (
        b"model:\n  class_path: ClassifierModule\n  init_args:\n    epsilom: 1/255\n",
        "ClassifierModule has no argument epsilom. Did you mean epsilon?",
    ),
    "a key beside init_args": (
        b"model:\n  class_path: ClassifierModule\n  epsilon: 1/255\n",
        "takes class_path and init_args",
    ),
    "a key of the data": (
        b"data:\n  class_path: NPZDataModule\n  init_args:\n    paht: x.npz\n",
        "NPZDataModule has no argument paht. Did you mean path?",
    ),
    "a class": (b"data:\n  class_path: MNIST\n", "Did you mean MNISTDataModule?"),
    "a type": (b"trainer:\n  max_epochs: many\n", "--trainer.max_epochs many: it must be int"),
    "a list as Trainer": (b"trainer: [1]\n", "trainer holds '[1]'"),
    "nothing as Trainer": (b"trainer:\n", "trainer holds 'None'"),
}


@pytest.mark.parametrize(("content", "message"), BAD_CONFIGS.values(), ids=list(BAD_CONFIGS))
def test_the_file_and_the_key_are_named(
    content: bytes, message: str, train: list[str], tmp_path: Path, capsys: Any
) -> None:
    config = tmp_path / "mine.yaml"
    config.write_bytes(content)
    with pytest.raises(SystemExit) as end:
        main(["fit", *train, "-c", str(config)])
    printed = capsys.readouterr().err
    said = end.value.code if isinstance(end.value.code, str) else printed.splitlines()[-1]
    assert said.startswith(f"error: {config}")
    assert message in said
    assert "usage:" not in printed
    assert "\n" not in said


def test_a_config_before_the_subcommand(train: list[str], tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text(json.dumps({"trainer": {"max_epochs": 1}}))
    with pytest.raises(SystemExit, match="Give it after: unlearnable fit -c"):
        main(["-c", str(config), "fit", *train])
