"""A measure that fails is told, and takes nothing from the rest of the report."""

from dataclasses import replace

import numpy as np
import pytest

from twinfeed import as_feed
from twinfeed._core.results import Report
from twinfeed.diff import CATALOGUE, compare
from twinfeed.errors import TwinfeedError
from twinfeed.observe import Budget, observe

_X = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 3)).astype(np.float32)
_Y = np.arange(64) % 4


def _report(error: Exception, divisor: int) -> Report:
    """Of feeds of which B's values are divided, where the measure of channel orders fails."""

    def look(_twins: object) -> list[object]:
        raise error

    broken = replace(CATALOGUE["GEO203"], look=look)  # pyright: ignore[reportArgumentType]
    measures = [broken if one.code == broken.code else one for one in CATALOGUE.values()]
    feeds = as_feed((_X, _Y)), as_feed((_X / np.float32(divisor), _Y))
    left, right = (observe(one, budget=Budget(timing_s=0)) for one in feeds)
    return compare(left, right, measures=measures)


def test_other_measures_answer_beside_one_that_fails() -> None:
    with pytest.warns(RuntimeWarning, match=r"GEO203 failed with ValueError: of no size"):
        report = _report(ValueError("of no size"), 255)
    assert report.verdict.kind == "different"
    assert report.findings[0].code == "VAL203"
    (told,) = (one for one in report.undecided if one.code == "GEO203")
    assert "ValueError: of no size (test_failures.py, line " in told.question
    assert report.ledger is not None


def test_feeds_are_not_called_the_same_where_a_measure_failed() -> None:
    with pytest.warns(RuntimeWarning, match=r"GEO203 failed"):
        report = _report(KeyError("none"), 1)
    assert report.verdict.kind == "undecided"
    assert "a part of the comparison failed, by a fault of twinfeed's" in report.verdict.text


@pytest.mark.parametrize("error", [TwinfeedError("no such file"), MemoryError()])
def test_what_is_no_fault_of_a_measure_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        _report(error, 1)
