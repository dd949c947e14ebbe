"""The number of threads of numpy's products is taken down for a while, and given back."""

from __future__ import annotations

import pytest

from twinfeed.stats import one_thread as module
from twinfeed.stats.one_thread import one_thread


def threads() -> int:
    library = module._library()
    if library is None:
        pytest.skip("numpy brings no OpenBLAS of its own here")
    return library.get()


def test_one_inside_and_as_before_outside() -> None:
    before = threads()
    with one_thread():
        with one_thread():
            assert threads() == 1
        assert threads() == 1
    assert threads() == before


def test_an_error_inside_gives_them_back() -> None:
    before = threads()
    with pytest.raises(ValueError, match="inside"), one_thread():
        raise ValueError("inside")
    assert threads() == before
