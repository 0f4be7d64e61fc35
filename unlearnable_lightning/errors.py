"""The one base class of the errors that this library raises on bad input."""


class UnlearnableError(ValueError):
    """Bad input, refused before any long work starts.

    The message states the value, the rule it breaks and what to do. The command line prints it
    without a traceback and exits with status 1.
    """
