"""What mkdocstrings reads of a docstring: `Example:` with `>>>` is code, as under `Examples:`."""

from typing import Any

from griffe import Extension, Object


class ExampleIsCode(Extension):
    """Google's style knows `Examples:` alone; others become a box of quoted text."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Renames the section."""
        if obj.docstring is not None:
            obj.docstring.value = obj.docstring.value.replace("Example:\n", "Examples:\n")
