"""Links that are right in the repository, made right on the site, where the folders are others."""

import posixpath
import re

_MOVED = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
_LINK = re.compile(r"(?<=\]\()(?P<path>[^)#:\s]+\.(?:md|ipynb))(?P<anchor>#[^)\s]*)?(?=\))")


def at_home(page: str, text: str) -> str:
    """The text with its links to Markdown files and notebooks as the site has them.

    Args:
        page: the page's path below docs/.
        text: Markdown.
    """
    in_repository = {new: old for old, new in _MOVED.items() if new != "index.md"}
    here = posixpath.dirname(in_repository.get(page, f"docs/{page}"))

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, link["path"]))
        if page.startswith("notebooks/"):
            target = posixpath.normpath(posixpath.join("notebooks", link["path"]))
        target = _MOVED.get(target, target.removeprefix("docs/")).replace(".ipynb", ".md")
        relative = posixpath.relpath(target, posixpath.dirname(page) or ".")
        return relative + (link["anchor"] or "")

    return _LINK.sub(moved, text)
