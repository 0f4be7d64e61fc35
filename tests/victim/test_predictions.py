"""`predict` of a victim: on training or test images, with the names of the classes."""

import csv
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader

from unlearnable_lightning import UnlearnableError


def rows(folder: Path) -> list[dict[str, str]]:
    with open(folder / "run" / "predictions.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("predict_on", ["train", "test"])
def test_each_image_has_its_classes_by_name(
    predict_on: str, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    data, module = shapes(predict_on=predict_on), classifier()
    trainer().predict(module, data)
    written = rows(tmp_path)
    images = data.train_set if predict_on == "train" else data.test_set
    assert [int(row["index"]) for row in written] == images.index.tolist()
    assert [int(row["label"]) for row in written] == images.labels.tolist()
    expected = module.model.eval()(images.images / 255).argmax(1).tolist()
    assert [int(row["prediction"]) for row in written] == expected
    names = data.class_names
    assert [row["label_name"] for row in written] == [names[label] for label in images.labels]
    assert [row["prediction_name"] for row in written] == [names[each] for each in expected]
    assert list(written[0])[:4] == ["index", "label", "prediction", "probability"]


def test_the_index_of_a_test_image_is_its_place_in_the_data_set(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    data = shapes(predict_on="test")
    trainer().predict(classifier(), data)
    images, labels = data.read("test")
    assert len(rows(tmp_path)) == 30  # the others serve for validation
    for row in rows(tmp_path):
        assert labels[int(row["index"])] == int(row["label"])
    assert torch.equal(images[data.test_set.index], data.test_set.images)


@pytest.mark.filterwarnings("ignore:Couldn't infer the batch indices")  # of a list of batches
def test_images_of_a_loader_have_no_names(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    data = shapes()
    data.setup("fit")
    batches = [data.train_set.__getitems__([0, 1])]
    batches[0]["image"] = batches[0]["image"] / 255
    trainer().predict(classifier(), DataLoader(batches, batch_size=None))
    assert list(rows(tmp_path)[0]) == ["index", "label", "prediction", "probability"]


def test_a_class_that_the_data_lacks_is_named_by_its_number(
    classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    module = classifier(num_classes=12)
    with torch.no_grad():
        module.model[-1].bias[11] = 1e6
    trainer().predict(module, shapes())
    assert {row["prediction_name"] for row in rows(tmp_path)} == {"11"}


def test_another_word_is_refused(shapes: Any) -> None:
    with pytest.raises(UnlearnableError, match="predict_on='val': give train or test"):
        shapes(predict_on="val")
