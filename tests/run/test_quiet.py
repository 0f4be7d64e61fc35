"""Whose warnings are silenced, and when."""

import warnings
from typing import Any

from unlearnable_lightning.run import quiet_lightning


def test_building_a_module_leaves_the_filters_alone(generator: Any, classifier: Any) -> None:
    before = list(warnings.filters)
    generator(), classifier()
    assert warnings.filters == before


def test_silencing_twice_adds_no_filter_and_other_warnings_are_heard(recwarn: Any) -> None:
    with warnings.catch_warnings():
        quiet_lightning()
        count = len(warnings.filters)
        quiet_lightning()
        assert len(warnings.filters) == count
        warnings.warn("The loader does not have many workers which may be slow", stacklevel=1)
        warnings.warn("noise=FILE is unfinished", stacklevel=1)
    assert [str(each.message) for each in recwarn] == ["noise=FILE is unfinished"]
