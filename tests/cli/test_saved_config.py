"""The `config.yaml` of a run runs again, and serves the other subcommands too."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from unlearnable_lightning.cli import main

LAST = ["--ckpt_path", "checkpoints/last.ckpt"]
ROTATION = ["--data.augment+", "torchvision.transforms.v2.RandomRotation"]
ERASING = ["--data.augment+", "kornia.augmentation.RandomErasing"]


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_tests_validates_predicts_and_fits_again(train: list[str]) -> None:
    arguments = [*ROTATION, "--data.augment.degrees", "15", *ERASING]
    arguments += ["--data.augment.scale", "[0.1,0.2]", "--trainer.max_epochs", "1"]
    main(["fit", *train, *arguments, "--test_after_fit", "true"])
    for command in ("test", "validate", "predict"):
        main([command, "-c", "config.yaml", *LAST])
    main(["fit", "-c", "config.yaml", "--trainer.default_root_dir", "again"])
    first, again = (
        yaml.safe_load(Path(p).read_text()) for p in ("config.yaml", "again/config.yaml")
    )
    assert first["data"] == again["data"]
    rotation, erasing = (each["init_args"] for each in first["data"]["init_args"]["augment"])
    assert rotation["degrees"] == 15
    assert list(erasing["scale"]) == [0.1, 0.2]


def test_one_of_a_generator_predicts(generate: list[str]) -> None:
    main(["fit", *generate, "--trainer.max_epochs", "1"])
    main(["predict", "-c", "config.yaml", *LAST])
    assert Path("poisoned.npz").exists()


@pytest.mark.parametrize("number", ["15", "2.5", "-3"])
def test_a_number_is_written_as_one(number: str, train: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["fit", *train, *ROTATION, f"--data.augment.degrees={number}", "--print_config"])
    data = yaml.safe_load(capsys.readouterr().out)["data"]
    assert data["init_args"]["augment"][0]["init_args"]["degrees"] == float(number)


def test_a_word_is_no_number(train: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["fit", *train, *ROTATION, "--data.augment.degrees", "many"])
    assert end.value.code == 2
