"""Lightning's two adverts per run are not printed; everything else that it says is."""

import logging


def is_no_advert(record: logging.LogRecord) -> bool:
    """False for "💡 Tip: … try installing [litlogger]…" and the same of litmodels."""
    text = record.getMessage()
    return not ("Tip: For seamless" in text and ("/litlogger/" in text or "/litmodels/" in text))


def silence_adverts() -> None:
    """Lightning 2.6 prints them through this logger, whatever Trainer was asked for."""
    logging.getLogger("lightning.pytorch.utilities.rank_zero").addFilter(is_no_advert)
