"""The site has a page for everything, and says on it what it promises."""

import importlib
import re
from pathlib import Path

import lightning as L
import pytest
import yaml

from unlearnable_lightning import augment, defences, noise
from website.entries import ROOMS, Entry, Room, entries
from website.links import at_home
from website.method_page import by_hand, method_page, overview
from website.reference import identifier, page_of, reference_pages, rooms
from website.sources import PROJECT, _there, all_pages, write_sources

PACKAGE = PROJECT / "unlearnable_lightning"
ENTRIES = [each for room in ROOMS for each in entries(room)]
every = pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: each.name)


@every
class TestThePageOfAMethod:
    def test_it_has_all_its_parts(self, entry: Entry) -> None:
        page = method_page(entry, board=True)
        assert page.startswith("# ")
        assert "**From** " in page
        named = (
            f"import {entry.name}\n",
            f"defences=['{entry.name}'",
            f"'class_path': '{entry.name}'",
        )
        assert any(words in page for words in named)
        assert f"::: {entry.path}\n" in page
        assert "(../leaderboard.md)" in page
        assert "(../leaderboard.md)" not in method_page(entry, board=False)

    def test_the_yaml_is_that_of_configs(self, entry: Entry) -> None:
        page = method_page(entry, board=False)
        for path in entry.configs():
            lines = [line for line in path.read_text("utf-8").splitlines() if line]
            assert all(line in page for line in lines)

    def test_the_example_builds_what_it_says(
        self, entry: Entry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        called = []
        for name in ("fit", "test"):
            monkeypatch.setattr(L.Trainer, name, lambda *given: called.append(given))
        (code,) = re.findall(r"```python\n(.*?)\n```", method_page(entry, board=False), re.DOTALL)
        exec(code, {})
        assert called or entry.room.folder == "augmentations"

    def test_its_paper_is_linked_where_it_has_one(self, entry: Entry) -> None:
        if "arXiv" in entry.source:
            assert "(https://arxiv.org/abs/" in method_page(entry, board=False)


@pytest.mark.parametrize("room", ROOMS[:2], ids=lambda room: room.folder)
def test_every_noise_and_defence_has_words_and_an_equation(room: Room) -> None:
    pages = [by_hand(each)[1] for each in entries(room)]
    assert pages
    assert all("```text" in page for page in pages)
    assert all(f"({each.file}.md)" in overview(room) for each in entries(room))


def test_no_method_defence_or_augmentation_is_without_a_page() -> None:
    exported = [getattr(noise, name) for name in noise.__all__]
    methods = {
        each.__name__
        for each in exported
        if isinstance(each, type) and issubclass(each, L.LightningModule)
    }
    bases = {"ClosedForm", "NoiseDriver"}
    assert {each.name for each in ENTRIES} == (methods - bases) | {*defences.NAMES, *augment.NAMES}


def test_a_page_without_words_of_its_own_takes_the_docstring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("website.method_page.DOCS", Path("nowhere"))
    words, text = by_hand(ENTRIES[0])
    assert not words
    assert text.startswith(f"# {ENTRIES[0].name}\n\n{ENTRIES[0].doc[:20]}")


@pytest.mark.parametrize("room", rooms())
def test_every_public_name_is_in_the_reference(room: str) -> None:
    module = importlib.import_module(room)
    pages = reference_pages()
    assert page_of(room) in pages
    for name in module.__all__:
        path = identifier(module, name)
        assert path in pages[page_of(room)]
        assert sum(f"::: {path}\n" in page for page in pages.values()) == 1


def test_no_package_that_exports_names_is_left_out() -> None:
    exporting = [
        path.parent.relative_to(PROJECT).as_posix().replace("/", ".")
        for path in PACKAGE.rglob("__init__.py")
        if "__all__" in path.read_text("utf-8")
    ]
    assert sorted(exporting) == sorted(rooms())


def test_the_notebooks_are_pages_with_their_pictures() -> None:
    pictures: dict[str, bytes] = {}
    pages = all_pages(pictures)
    for path in (PROJECT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.stem}.md" in pages
    shown = [name for name in pictures if f"({Path(name).name})" in "".join(pages.values())]
    assert len(shown) == len(pictures) > 0


def test_every_page_is_in_nav_and_every_picture_is_there(tmp_path: Path) -> None:
    """What the builder does not check."""
    write_sources(tmp_path / "site")
    docs = tmp_path / "site" / "docs"
    nav = yaml.safe_load((tmp_path / "site" / "mkdocs.yml").read_text("utf-8"))["nav"]
    pages = [path.relative_to(docs).as_posix() for path in docs.rglob("*.md")]
    assert sorted(_words(nav)) == sorted(pages)
    for page in pages:
        text = (docs / page).read_text("utf-8")
        for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
            assert (docs / page).parent.joinpath(picture).is_file(), f"{page}: {picture}"


def _words(nav: object) -> list[str]:
    """The pages of a nav, without titles."""
    if isinstance(nav, str):
        return [nav]
    inner = nav.values() if isinstance(nav, dict) else nav
    return [page for each in inner for page in _words(each)]


class TestLinks:
    @pytest.mark.parametrize(
        ("page", "link", "moved"),
        [
            ("limits.md", "results.md#core", "results.md#core"),
            ("limits.md", "../README.md", "index.md"),
            ("results.md", "../notebooks/03_x.ipynb", "notebooks/03_x.md"),
            ("contributing.md", "docs/design.md", "design.md"),
            ("noises/lsp.md", "../results.md", "../results.md"),
            ("notebooks/01_x.md", "../docs/limits.md", "../limits.md"),
            ("limits.md", "https://example.org/a.md", "https://example.org/a.md"),
        ],
    )
    def test_they_lead_to_the_page_of_the_site(self, page: str, link: str, moved: str) -> None:
        assert at_home(page, f"see [it]({link})") == f"see [it]({moved})"


def test_nav_has_what_is_there() -> None:
    nav = [{"A": "a.md"}, {"Gone": "gone.md"}, {"B": ["b/all.md", "b/"]}]
    names = ["a.md", "b/all.md", "b/x.md", "b/c/y.md"]
    assert _there(nav, names) == [{"A": "a.md"}, {"B": ["b/all.md", "b/x.md"]}]
