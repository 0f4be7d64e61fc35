"""The report as one HTML file that needs nothing else. The warning comes before anything else."""

import math
from collections import Counter
from dataclasses import dataclass
from html import escape
from statistics import mean

from unlearnable_lightning.protect.check import Checked
from unlearnable_lightning.protect.sheet import Row
from unlearnable_lightning.protect.tree import Skipped
from unlearnable_lightning.protect.words import shown
from unlearnable_lightning.protect.write import Done

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff }
.warning { border: 3px solid #b00; background: #fff3f0; padding: .5rem 1.5rem }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .3rem .8rem;
  border-bottom: 1px solid #ddd; text-align: left; vertical-align: top }
td.number, th.number { text-align: right } img { max-width: 100%; display: block }
.path { word-break: break-all } details { margin: 1rem 0 }
"""
_WARNING = """
<div class="warning"><h1>Read this first: this is no lock</h1>
<p>The noise hinders a network that is trained on these pictures as they are. It does not stop
somebody who knows of it:</p>
<ul>
<li><b>Grey or JPEG undoes most of it.</b> Who turns the pictures grey or saves them as JPEG of low
quality before training gets much of their use back. The table below says how much for yours.</li>
<li><b>A public tool hands its breaker the key.</b> This program is open to all: anybody can run it
on other pictures, and has pairs of clean and protected ones to train a remover on. BridgePure
(2025) and LightShed (2025) are such removers.</li>
<li><b>Pictures once published cannot be taken back.</b> A better remover that comes next year works
on what you publish today. Pictures that are out already in clean form are not protected by this.
</li>
<li>It does not hide anybody from a network that is trained already.</li>
</ul>
<p>If it would harm you that a picture is used, do not publish it.</p></div>
"""


_NOTHING = 0.1
"""A loss of fewer points protects nobody, whether chance explains it or not."""


@dataclass(frozen=True)
class Facts:
    """What the report is of.

    Attributes:
        source: the folder of clean pictures.
        out: the folder of protected ones.
        side: the folder of the report.
        arguments: of the call.
        classes: the class of each picture that was protected.
        done: what was written.
        skipped: what was left out.
        rows: of the contact sheet.
        checked: what the check found; None without one.
    """

    source: str
    out: str
    side: str
    arguments: dict[str, object]
    classes: list[str]
    done: list[Done]
    skipped: list[Skipped]
    rows: list[Row]
    checked: Checked | None


def page(facts: Facts) -> str:
    """The whole file."""
    parts = [_WARNING, _summary(facts), _check(facts.checked), _sheet(facts.rows)]
    parts += [_skipped(facts.skipped), _notes(facts.done), _pictures(facts.done)]
    head = f"<meta charset='utf-8'><title>Protected pictures</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(parts)}</body></html>"


def _summary(facts: Facts) -> str:
    written = [each for each in facts.done if each.name]
    counts = Counter(facts.classes)
    decibels = [each.psnr for each in written if each.psnr is not None]
    changes = [0, *(each.change for each in written)]
    bare = sum(not each.change for each in written)
    similar = [each.ssim for each in written] or [1.0]
    rows = [
        ("protected", f"{len(written) - bare} pictures in {len(counts)} classes"),
        *([("written without noise", f"{bare} pictures, listed below")] if bare else []),
        ("left out", f"{len(facts.skipped)} files, listed below"),
        ("from", facts.source),
        ("to", facts.out),
        (
            "how visible",
            f"no value of a pixel changed by more than {max(changes)} of 255; on average PSNR "
            f"{mean(decibels or [math.inf]):.1f} dB (the higher the less is seen; above 40 hardly "
            f"anything), SSIM {mean(similar):.3f} (1 is the same). Even areas, such as a sky, may "
            "show a tint or a coarse grain; a smaller --epsilon makes it fainter, and the "
            "protection weaker",
        ),
        *((name, str(value)) for name, value in facts.arguments.items()),
    ]
    body = "".join(f"<tr><th>{_text(name)}<td class='path'>{_text(value)}" for name, value in rows)
    classes = ", ".join(f"{_text(name)} ({count})" for name, count in sorted(counts.items()))
    return (
        f"<h2>What was done</h2><table>{body}</table><p>Classes: {classes}.</p>"
        f"<p><b>Publish the folder {_text(facts.out)} alone.</b> Keep {_text(facts.side)} to "
        "yourself: it holds the noise, with which anybody could take it off again. Keep the clean "
        "pictures too; the noise cannot be taken off exactly.</p>"
    )


def _check(checked: Checked | None) -> str:
    if checked is None:
        return "<h2>Does it work?</h2><p>Not checked (--check false).</p>"
    rows = "".join(
        f"<tr><th>{_text(word)}<td class='number'>{_share(checked.clean[word], checked)}"
        f"<td class='number'>{_share(checked.protected[word], checked)}"
        for word in checked.clean
    )
    return (
        "<h2>Does it work?</h2><p>Small networks were trained, each on "
        f"{checked.trained_on} of your pictures, clean or protected, and asked for the class of "
        f"clean ones that it had not seen, {checked.tested_on} in all. So many they got right; "
        f"guessing gives {checked.chance:.0%}:</p><table><tr><th>before the training the "
        "pictures were"
        f"<th class='number'>clean pictures<th class='number'>protected pictures{rows}</table>"
        f"<p>{_verdict(checked)}</p><p>The number after ± says how far chance moves a result: with "
        "few pictures it is large. Other networks, sizes and trainings give other numbers.</p>"
    )


def _verdict(checked: Checked) -> str:
    plain = next(iter(checked.clean))
    clean, protected = checked.clean[plain], checked.protected[plain]
    lost = clean - protected
    noise = 2 * math.hypot(_error(clean, checked), _error(protected, checked))
    if clean - checked.chance < noise:
        return (
            "<b>The check says nothing here:</b> not even the clean pictures taught the network "
            "much more than guessing. There are too few of them, or they differ too much."
        )
    if lost < min(noise, _NOTHING):
        return (
            "<b>The noise did not help here:</b> the network learned from the protected pictures "
            "nearly as much as from the clean ones. Do not count on it."
        )
    if lost < noise:
        return (
            f"<b>The check cannot tell:</b> the network lost {_points(lost)}, and with so few "
            f"pictures chance alone moves that by {_points(noise)}. Do not count on it."
        )
    broken = [
        word
        for word in checked.protected
        if word != plain and checked.protected[word] - protected > noise
    ]
    said = f"<b>Trained on the pictures as they are, the network lost {_points(lost)}.</b> "
    if protected - checked.chance >= noise:
        said += f"It still gets {protected:.0%} right, where guessing gives {checked.chance:.0%}. "
    if broken:
        return said + f"Who works on pictures {' or '.join(map(_text, broken))} gets much back."
    return said + (
        "Grey and JPEG gave this small network no more back than chance explains "
        f"({_points(noise)}); other removers will."
    )


def _points(share: float) -> str:
    return f"{100 * share:.0f} points"


def _error(share: float, checked: Checked) -> float:
    return math.sqrt(max(share * (1 - share), 0.01) / checked.tested_on)


def _share(share: float, checked: Checked) -> str:
    return f"{share:.0%} ± {_error(share, checked):.0%}"


def _sheet(rows: list[Row]) -> str:
    body = "".join(
        f"<tr><td class='path' colspan='4'>{_text(row.title)}<tr>"
        + "".join(f"<td><img src='{image}' alt=''>" for image in row.images)
        for row in rows
    )
    return (
        "<h2>How it looks</h2><table><tr><th>clean<th>the noise, 10 times as strong<th>protected"
        f"<th>the middle at full size: clean, protected{body}</table>"
    )


def _skipped(skipped: list[Skipped]) -> str:
    if not skipped:
        return "<h2>Left out</h2><p>Nothing.</p>"
    body = "".join(
        f"<tr><td class='path'>{_text(each.path)}<td>{_text(each.reason)}" for each in skipped
    )
    return (
        "<h2>Left out</h2><p>These files are <b>not</b> in the new folder.</p>"
        f"<table><tr><th>file<th>why{body}</table>"
    )


def _notes(done: list[Done]) -> str:
    noted = [each for each in done if each.name and each.notes]
    if not noted:
        return ""
    body = "".join(
        f"<tr><td class='path'>{_text(each.path)}<td>{_text('; '.join(each.notes))}"
        for each in noted
    )
    return f"<h2>To be known of single pictures</h2><table><tr><th>file<th>what{body}</table>"


def _pictures(done: list[Done]) -> str:
    body = "".join(
        f"<tr><td class='path'>{_text(each.path)}<td class='path'>{_text(each.name)}"
        f"<td class='number'>{each.width}×{each.height}"
        f"<td class='number'>{'same' if each.psnr is None else f'{each.psnr:.1f}'}"
        f"<td class='number'>{each.ssim:.3f}"
        for each in done
        if each.name
    )
    head = "<tr><th>file<th>new file<th>size<th class='number'>PSNR, dB<th class='number'>SSIM"
    return f"<details><summary>All pictures</summary><table>{head}{body}</table></details>"


def _text(value: str) -> str:
    return escape(shown(value))
