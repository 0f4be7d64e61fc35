"""What an error says of a file, in a message of ours."""

_LONGEST = 200  # characters; an error may quote a megabyte of the file


def reason(error: Exception) -> str:
    """The words of an error on one line, cut where they are many: they may be a stranger's."""
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
