"""Where runs leave their files: apart from each other, and by the option that decides."""

import json
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger

from unlearnable_lightning import Release, UnlearnableError
from unlearnable_lightning.cli import main

SMALL = {"steps": 1, "model_steps": 1, "stop_error": None}


class Tracker(Logger):
    """As those of W&B and MLflow: one `save_dir` for all runs, no `log_dir` of its own."""

    def __init__(self, save_dir: str | None, version: str | int | None) -> None:
        super().__init__()
        self._save_dir, self._version = save_dir, version

    save_dir = property(lambda self: self._save_dir)
    name = property(lambda self: "project")
    version = property(lambda self: self._version)
    log_dir = None

    def log_metrics(self, *_: Any, **__: Any) -> None:
        pass

    log_hyperparams = log_metrics


def tracker(folder: Path | str | None, version: str | int | None) -> Tracker:
    return Tracker(None if folder is None else str(folder), version)


def test_victims_of_a_shared_folder_keep_their_tables_apart(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    tables = {}
    for version in ("a", "b"):
        run = trainer(logger=tracker(tmp_path / "all", version), max_epochs=1)
        module = classifier(test_attacks=[], lr=0.1 if version == "a" else 1.0)
        run.fit(module, shapes())
        run.test(module, shapes(), verbose=False)
        tables[version] = module.table
    for version, table in tables.items():
        folder = tmp_path / "all" / "project" / version
        assert json.loads((folder / "test.json").read_text())["table"] == table
        assert (folder / "checkpoints" / "last.ckpt").exists()
    assert not (tmp_path / "run").exists()


def test_generators_of_a_shared_folder_keep_their_noise_apart_and_a_repeat_is_advised(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    def fit(version: str | int | None, place: Path | None = tmp_path / "all") -> None:
        run = trainer(logger=tracker(place, version), max_epochs=1)
        run.fit(generator(**SMALL), shapes())

    for version in ("a", "b", 3, None):
        fit(version)
    fit("remote", place=None)  # MLflow with a tracking server has no folder: the Trainer's root
    folders = ("all/project/a", "all/project/b", "all/project/version_3", "run/project/remote")
    for folder in folders:
        assert Release.load(tmp_path / folder / "noise.safetensors").finished
    last = tmp_path / "all" / "project" / "a" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match="exists already") as refusal:
        fit("a")
    assert f"--ckpt_path {last}, " in str(refusal.value)
    last.unlink()
    with pytest.raises(UnlearnableError, match=r"noise\.safetensors exists already\. Remove it"):
        fit("a")


@pytest.mark.filterwarnings("ignore:Experiment logs directory")  # of CSVLogger, of a second run
@pytest.mark.parametrize("logger", [TensorBoardLogger, CSVLogger])
def test_advice_names_the_option_that_decides(
    logger: Any, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    save_dir = str(tmp_path / "saved")
    cases = {
        "--trainer.logger.save_dir": lambda: logger(save_dir, name="x", version=0),
        "--trainer.default_root_dir": lambda: False,
    }
    for option, make in cases.items():
        trainer(logger=make(), max_epochs=1).fit(generator(**SMALL), shapes())
        with pytest.raises(UnlearnableError, match="exists already") as refusal:
            trainer(logger=make(), max_epochs=1).fit(generator(**SMALL), shapes())
        assert f"another folder with {option}" in str(refusal.value)
        (other,) = {*cases} - {option}
        assert other not in str(refusal.value)


def test_a_locked_folder_names_the_option_that_decides(
    generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    (tmp_path / "all" / "project" / "a").mkdir(parents=True)
    with FileLock(tmp_path / "all" / "project" / "a" / ".lock"):
        run = trainer(logger=tracker(tmp_path / "all", "a"))
        with pytest.raises(UnlearnableError, match=r"at work in .*all/project/a.*logger\.save_dir"):
            run.fit(generator(**SMALL), shapes())


@pytest.mark.parametrize("call", ["fit", "test"])
@pytest.mark.parametrize("place", ["memory://b/run", "file:///b/run", "s3://b"])
def test_a_url_is_refused_before_anything_is_written(
    place: str, call: str, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path,
    monkeypatch: Any,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for given in ({"default_root_dir": place}, {"logger": tracker(place, "a")}):
        option = "default_root_dir" if "default_root_dir" in given else r"logger\.save_dir"
        with pytest.raises(UnlearnableError, match=f"{option} .*local folders alone"):
            getattr(trainer(**given), call)(classifier(), shapes())
    assert not list(tmp_path.iterdir())


def test_the_command_line_writes_the_config_beside_the_noise_of_its_run(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    for version in ("a", "b"):
        main([
            *("fit", "--model", "NoiseGenLightningModule", "--model.model", "cnn_small"),
            *("--model.steps", "1", "--model.model_steps", "1", "--data", "ShapesDataModule"),
            *("--data.train_size", "40", "--data.test_size", "40", "--trainer.max_epochs", "1"),
            *("--trainer.logger", f"{__name__}.Tracker", "--trainer.logger.save_dir", "all"),
            *("--trainer.logger.version", version, "--trainer.accelerator", "cpu"),
        ])  # fmt: skip
        assert (tmp_path / "all" / "project" / version / "config.yaml").exists()
    assert not (tmp_path / "all" / "config.yaml").exists()
