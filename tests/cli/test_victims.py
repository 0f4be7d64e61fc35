"""A victim on the command line: defences, attacks of the user's, predictions, published images."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from jsonargparse import Namespace

from unlearnable_lightning import ShapesDataModule
from unlearnable_lightning.cli import main
from unlearnable_lightning.command_line.names_in_mappings import as_data

LAST = ["--ckpt_path", "checkpoints/last.ckpt"]
MINE = """
import torch
from unlearnable_lightning.defences import Defence

def black(model, images, labels):
    return -images

class Dark(Defence):
    def __init__(self, share: float = 0.5):
        self.share = share

    def on_dataset(self, images, labels):
        return images.float() / 255 * self.share
"""


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


def test_defences_and_attacks_from_a_file_of_the_user_s(train: list[str]) -> None:
    Path("victim_mine.py").write_text(MINE)
    defences = "[{class_path: victim_mine.Dark, init_args: {share: 0.25}}, Mixup]"
    given = ["--model.defences", defences, "--model.test_attacks", "[victim_mine.black, pgd]"]
    main(["fit", *train, *given, "--test_after_fit", "true"])
    result = json.loads(Path("test.json").read_text())
    assert [row["attack"] for row in result["table"]][:3] == ["none", "black", "pgd"]
    config = yaml.safe_load(Path("config.yaml").read_text())["model"]["init_args"]
    assert config["defences"] == yaml.safe_load(defences)
    main(["fit", "-c", "config.yaml", *LAST, "--trainer.max_epochs", "3"])
    checkpoint = torch.load("checkpoints/last.ckpt", weights_only=True)
    assert checkpoint["epoch"] == 2
    assert checkpoint["hyper_parameters"]["defences"] == config["defences"]


def test_a_checkpoint_brings_the_defences_of_this_package_along(train: list[str]) -> None:
    given = ["--model.defences", "[{class_path: Mixup, init_args: {alpha: 2}}]"]
    main(["fit", *train, *given, "--model.test_attacks", "[fgsm]"])
    main(["fit", *train, *LAST, "--trainer.max_epochs", "3"])
    arguments = torch.load("checkpoints/last.ckpt", weights_only=True)["hyper_parameters"]
    assert arguments["defences"] == [{"class_path": "Mixup", "init_args": {"alpha": 2}}]
    assert list(arguments["test_attacks"]) == ["fgsm"]


def test_parts_add_defences_in_the_order_in_which_they_are_given(
    train: list[str], capsys: Any
) -> None:
    configs = Path(__file__).parents[2] / "configs" / "defence"
    parts = ["orthogonal_projection", "mixup", "adversarial_training"]
    files = [f"-c={configs / part}.yaml" for part in parts]
    with pytest.raises(SystemExit):
        main(["fit", *train, *files, "--print_config"])
    defences = yaml.safe_load(capsys.readouterr().out)["model"]["init_args"]["defences"]
    names = [each["class_path"] for each in defences]
    assert names == ["OrthogonalProjection", "Mixup", "AdversarialTraining"]


@pytest.mark.parametrize("predict_on", ["train", "test"])
def test_predictions_name_the_classes(predict_on: str, train: list[str]) -> None:
    main(["fit", *train])
    main(["predict", *train, *LAST, "--data.predict_on", predict_on])
    with open("predictions.csv") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == {"train": 100, "test": 30}[predict_on]
    names = ShapesDataModule.class_names
    assert all(row["label_name"] == names[int(row["label"])] for row in rows)
    assert {row["prediction_name"] for row in rows} <= {*names}


def test_the_images_that_predict_publishes_train_a_victim(
    generate: list[str], train: list[str]
) -> None:
    """Alone, and with the test images of another file."""
    main(["fit", *generate])
    main(["predict", *generate, *LAST])
    shapes = ShapesDataModule(train_size=100, test_size=60, val_size=0)
    shapes.save_npz("clean.npz")
    published = ["--data", "NPZDataModule", "--data.path", "poisoned.npz"]
    network, trainer = train[:6], train[train.index("--trainer.max_epochs") :]
    for name, more in (("alone", ["--data.val_size", "0"]), ("both", ["--data.test_path"])):
        data = [*published, *more, *(["clean.npz"] if name == "both" else [])]
        run = [*network, *data, *trainer, "--trainer.default_root_dir", name]
        main(["fit", *run, "--test_after_fit", "true" if name == "both" else "false"])
        assert Path(name, "checkpoints", "last.ckpt").exists()
    assert json.loads(Path("both", "test.json").read_text())["table"]
    with np.load("poisoned.npz") as poisoned, np.load("clean.npz") as clean:
        change = poisoned["x_train"].astype(int) - clean["x_train"]
        assert 0 < np.abs(change).max() <= 8
        assert np.array_equal(poisoned["y_train"], clean["y_train"])


def test_a_share_of_the_images_is_poisoned_and_reported(
    generate: list[str], train: list[str], capsys: Any
) -> None:
    main(["fit", *generate])
    part = ["--data.noise", "noise.safetensors", "--data.poison_rate", "0.3"]
    part += ["--data.poison_classes", f"[{ShapesDataModule.class_names[0]}, 4]"]
    elsewhere = ["--trainer.default_root_dir", "victim"]
    main(["fit", *train, *part, *elsewhere, "--model.test_attacks", "[]"])
    capsys.readouterr()
    main(["test", *train, "--ckpt_path", "victim/checkpoints/last.ckpt"])
    assert "6 % of the training images were poisoned" in capsys.readouterr().out
    result = json.loads(Path("victim/test.json").read_text())
    names = [ShapesDataModule.class_names[label] for label in (0, 4)]
    assert (result["poison_rate"], result["poison_classes"]) == (0.06, names)
    assert result["noise"] == "NoiseGenLightningModule samplewise linf 8/255"
    assert result["seed"] == 0


@pytest.mark.parametrize("name", ["pgd", "unlearnable_lightning.attacks.by_name.PGD", "mine.Own"])
def test_more_arguments_may_follow_a_mapping_of_a_yaml(
    name: str, train: list[str], capsys: Any
) -> None:
    attack = {"class_path": name, "init_args": {"restarts": 2}}
    model = {"class_path": "ClassifierModule", "init_args": {"attack": attack}}
    Path("mine.yaml").write_text(yaml.safe_dump({"model": model}))
    for more, now in (["--model.lr", "0.2"], attack), (["--model.attack", "fgsm"], "fgsm"):
        with pytest.raises(SystemExit) as end:
            main(["fit", "-c", "mine.yaml", *train[2:], *more, "--print_config"])
        assert not end.value.code
        assert yaml.safe_load(capsys.readouterr().out)["model"]["init_args"]["attack"] == now


@pytest.mark.parametrize("room", ["", "unlearnable_lightning.defences.leak_models.class_mean."])
def test_a_mapping_within_a_mapping_comes_as_data(room: str, train: list[str]) -> None:
    model = {"class_path": f"{room}ClassMean", "init_args": {}}
    defences = [{"class_path": "LeakedPairs", "init_args": {"pairs": 10, "model": model}}]
    arguments = {"model": "cnn_small", "defences": defences}
    whole = {"model": {"class_path": "ClassifierModule", "init_args": arguments}}
    Path("mine.yaml").write_text(yaml.safe_dump(whole))
    main(["fit", "-c", "mine.yaml", *train[6:], "--trainer.max_epochs", "1"])
    hparams = torch.load("checkpoints/last.ckpt", weights_only=True)["hyper_parameters"]
    assert hparams["defences"] == defences


def test_namespaces_become_mappings_within_a_mapping_alone() -> None:
    inner = Namespace(class_path="a.B", init_args=Namespace(rate=1))
    plain = {"class_path": "a.B", "init_args": {"rate": 1}}
    assert as_data([{"one": inner, "more": [inner, {"deep": inner}]}, "Mixup"]) == [
        {"one": plain, "more": [plain, {"deep": plain}]},
        "Mixup",
    ]
    assert as_data([inner, 0.5]) == [inner, 0.5]  # an argument of a class of yours
