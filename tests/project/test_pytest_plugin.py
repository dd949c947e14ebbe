"""The pytest plugin, in a pytest of its own as users run it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from twinfeed.errors import FeedsDifferError, UsageError
from twinfeed.testing import assert_same_feed

pytest_plugins = ["pytester"]
TESTS = """
import numpy as np
import pytest

IMAGES = np.random.default_rng(3).integers(0, 256, (64, 8, 8, 3)).astype(np.uint8)
LABELS = np.arange(64) % 4
SHIFT = np.uint8({shift})


@pytest.mark.parametrize("kind", ["plain", "a/b [c]"])
def test_kept(twinfeed_diff, kind):
    twinfeed_diff((np.minimum(IMAGES, 240) + SHIFT, LABELS))


def test_pair(assert_same_feed):
    assert_same_feed((IMAGES, LABELS), (IMAGES + np.uint8(0), LABELS))


def test_two(twinfeed_diff):
    twinfeed_diff((IMAGES, LABELS))
    twinfeed_diff((IMAGES, LABELS), "again")
"""


@pytest.fixture
def tests(pytester: pytest.Pytester) -> Path:
    """The tests above, in a folder with nothing approved yet."""
    pytester.makeini("[pytest]\n")
    return write(pytester, shift=0)


def write(pytester: pytest.Pytester, *, shift: int) -> Path:
    return pytester.makepyfile(test_feeds=TESTS.format(shift=shift))


def test_approves_passes_and_fails(
    pytester: pytest.Pytester, tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINFEED_CONFIG", "")
    missing = pytester.runpytest_inprocess("-p", "no:randomly")
    missing.assert_outcomes(passed=1, failed=3)
    missing.stdout.fnmatch_lines(
        ["*there is no twins/test_feeds-test_two.twin: --twinfeed-update*"]
    )

    approved = pytester.runpytest_inprocess("--twinfeed-update")
    approved.assert_outcomes(passed=4)
    approved.stdout.fnmatch_lines(
        ["0 replaced, 4 new", "approved twins/test_feeds-test_kept-plain.twin (new)"]
    )
    names = sorted(path.name for path in (tests.parent / "twins").iterdir())
    assert names == [
        "test_feeds-test_kept-a-b-c.twin", "test_feeds-test_kept-plain.twin",
        "test_feeds-test_two-again.twin", "test_feeds-test_two.twin",
    ]  # fmt: skip
    pytester.runpytest_inprocess().assert_outcomes(passed=4)

    write(pytester, shift=12)
    failed = pytester.runpytest_inprocess("--twinfeed-html", "reports/today")
    failed.assert_outcomes(passed=2, failed=2)
    failed.stdout.fnmatch_lines(
        ["*DIFFERENT*", "*is no longer the feed that was approved*", "*VAL2*"]
    )
    failed.stdout.no_fnmatch_line("*_same_feed.py*")
    pages = sorted((pytester.path / "reports" / "today").iterdir())
    assert [page.name for page in pages] == [
        "test_feeds.py-test_kept-a-b-c.html", "test_feeds.py-test_kept-plain.html",
    ]  # fmt: skip
    assert "<!doctype html>" in pages[0].read_text("utf-8")


def test_tolerances_of_the_project_are_kept(
    pytester: pytest.Pytester, tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWINFEED_CONFIG", raising=False)
    only = ("-k", "plain")
    pytester.runpytest_inprocess("--twinfeed-update", *only).assert_outcomes(passed=1, deselected=3)
    write(pytester, shift=12)
    pytester.runpytest_inprocess(*only).assert_outcomes(failed=1, deselected=3)
    pytester.makepyprojecttoml("[tool.twinfeed.check]\nvalue-tolerance = 12\n")
    pytester.runpytest_inprocess(*only).assert_outcomes(passed=1, deselected=3)
    assert tests.exists()


@pytest.mark.slow
def test_works_on_several_workers(pytester: pytest.Pytester, tests: Path) -> None:
    pytest.importorskip("xdist")
    spread = ("-n", "2", "--dist", "load")
    approved = pytester.runpytest_subprocess(*spread, "--twinfeed-update", "-p", "no:randomly")
    approved.assert_outcomes(passed=4)
    approved.stdout.fnmatch_lines(["approved twins/test_feeds-test_two.twin (new)"])
    write(pytester, shift=12)
    failed = pytester.runpytest_subprocess(*spread, "--twinfeed-html", "reports")
    failed.assert_outcomes(passed=2, failed=2)
    assert len(list((tests.parent / "reports").iterdir())) == 2


def test_one_name_is_given_to_one_feed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "def test_twice(twinfeed_diff):\n"
        "    twinfeed_diff((__import__('numpy').zeros((4, 2)),))\n"
        "    twinfeed_diff((__import__('numpy').zeros((4, 2)),))\n"
    )
    done = pytester.runpytest_inprocess("--twinfeed-update")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*is held against two feeds: give each a name of its own*"])


def test_collecting_loads_no_part_of_twinfeed(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import sys\n"
        "def pytest_collection_finish():\n"
        "    heavy = {'twinfeed', 'tensorflow'} & set(sys.modules)\n"
        "    sys.stdout.write(f'loaded {sorted(heavy)}\\n')\n"
    )
    pytester.makepyfile("def test_nothing():\n    pass\n")
    done = pytester.run(sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["*loaded []*"])


def test_the_assertion_is_of_use_without_pytest() -> None:
    images = np.random.default_rng(3).integers(0, 256, (64, 8, 8, 3)).astype(np.uint8)
    labels = np.arange(64) % 4
    assert assert_same_feed((images, labels), (images, labels)).ok
    with pytest.raises(AssertionError, match=r"B .after. does not feed the same as A") as raised:
        assert_same_feed((images, labels), (images, labels + 1), names=("before", "after"))
    assert isinstance(raised.value, FeedsDifferError)
    with pytest.raises(UsageError, match="error, warning"):
        assert_same_feed((images, labels), (images, labels), fail_on="sometimes")
