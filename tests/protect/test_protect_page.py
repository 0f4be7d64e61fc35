"""The report: the warning before anything else, text as text, a verdict that fits the numbers."""

from dataclasses import replace

import pytest

from unlearnable_lightning.protect.check import Checked
from unlearnable_lightning.protect.page import Facts, page
from unlearnable_lightning.protect.sheet import Row
from unlearnable_lightning.protect.tree import Skipped
from unlearnable_lightning.protect.write import Done

PLAIN, GREY, JPEG = "as they are", "made grey", "saved as JPEG 20"


def checked(clean: float, protected: float, grey: float) -> Checked:
    before = dict.fromkeys((PLAIN, GREY, JPEG), clean)
    return Checked(before, {PLAIN: protected, GREY: grey, JPEG: protected}, 800, 200, 0.1)


FACTS = Facts(
    source="/home/me/in",
    out="/home/me/out",
    side="/home/me/out.report",
    arguments={"epsilon": "8/255"},
    classes=["<b>cat", "dog"],
    done=[
        Done("c/<i>.jpg", "c/<i>.png", 640, 480, 8, 34.5, 0.91, ("its 16 bits became 8",)),
        Done("d/b.jpg", "d/b.png", 9, 9, 0, None, 1.0),
        Done("d/gone.jpg", "", notes=("no picture",)),
    ],
    skipped=[Skipped("<script>alert(1)</script>", "no picture")],
    rows=[Row("c/<i>.jpg", ("data:image/jpeg;base64,AA==",) * 4)],
    checked=checked(0.9, 0.2, 0.8),
)


def test_the_warning_comes_before_anything_else() -> None:
    body = page(FACTS).split("<body>")[1].strip()
    assert body.startswith('<div class="warning">')
    warning = body.split("</div>")[0]
    for word in ("BridgePure", "LightShed", "Grey", "JPEG", "cannot be taken back"):
        assert word in warning


def test_names_are_text_and_no_address_is_outside() -> None:
    text = page(FACTS)
    assert "<script>" not in text
    assert "<i>" not in text
    assert "http" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_numbers_of_what_was_written_alone() -> None:
    text = page(FACTS)
    assert "<th>protected<td class='path'>1 pictures in 2 classes" in text
    assert "<th>written without noise<td class='path'>1 pictures" in text
    assert "PSNR 34.5 dB" in text
    assert "more than 8 of 255" in text
    assert "640×480" in text


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (checked(0.9, 0.4, 0.8), "It still gets 40% right, where guessing gives 10%"),
        (replace(checked(0.9, 0.6, 0.6), tested_on=12), "cannot tell:</b> the network lost 30 po"),
        (checked(0.9, 0.2, 0.8), "Who works on pictures made grey gets much"),
        (checked(0.9, 0.2, 0.21), "lost 70 points.</b> It still"),
        (checked(0.9, 0.88, 0.9), "did not help here"),
        (checked(0.14, 0.1, 0.1), "says nothing here"),
        (None, "Not checked"),
    ],
)
def test_the_verdict_fits_the_numbers(found: Checked | None, words: str) -> None:
    assert words in page(replace(FACTS, checked=found))
