"""The cache of decoded pictures: a budget, several processes, files that change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twinfeed.engine.cache import FolderCache, MemoryCache, open_cache
from twinfeed.engine.decode import Wanted
from twinfeed.errors import UsageError

pytest.importorskip("PIL")
WANTED = Wanted("rgb", 4, 5)


def _picture(value: int) -> Any:
    return np.full((4, 5, 3), value, np.uint8)


@pytest.fixture(params=["memory", "folder"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    where = "memory" if request.param == "memory" else tmp_path / "cache"
    return open_cache(where, 1000)


def test_an_entry_counts_for_the_file_as_it_was(cache: Any) -> None:
    cache.put("a.jpg", (10, 5, 0), WANTED, _picture(1))
    assert np.array_equal(cache.get("a.jpg", (10, 5, 0), WANTED), _picture(1))
    assert cache.get("a.jpg", (10, 6, 0), WANTED) is None
    assert cache.get("a.jpg", (11, 5, 0), WANTED) is None
    assert cache.get("a.jpg", (10, 5, 0), Wanted("rgb", 4, 5, "bilinear")) is None
    cache.put("a.jpg", (10, 6, 0), WANTED, _picture(2))
    assert np.array_equal(cache.get("a.jpg", (10, 6, 0), WANTED), _picture(2))


def test_the_budget_holds(cache: Any) -> None:
    for number in range(40):
        cache.put(f"{number}.jpg", (1, 1, 0), WANTED, _picture(number))
    kept = [n for n in range(40) if cache.get(f"{n}.jpg", (1, 1, 0), WANTED) is not None]
    assert kept
    assert kept == list(range(len(kept)))
    assert len(kept) * 60 <= 1000
    if isinstance(cache, FolderCache):
        assert sum(file.stat().st_size for file in cache.folder.glob("??/*")) <= 1000
    else:
        assert cache.used_bytes <= 1000


def test_a_damaged_entry_is_no_entry(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, 10_000)
    cache.put("a.jpg", (1, 1, 0), WANTED, _picture(1))
    (file,) = tmp_path.glob("??/*")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert cache.get("a.jpg", (1, 1, 0), WANTED) is None
    file.write_bytes(data[:10])
    assert cache.get("a.jpg", (1, 1, 0), WANTED) is None


def test_room_that_came_free_is_used_again(tmp_path: Path) -> None:
    first = FolderCache(tmp_path, 300)
    for number in range(4):
        first.put(f"{number}.jpg", (1, 1, 0), WANTED, _picture(number))
    for file in tmp_path.glob("??/*"):
        file.unlink()
    later = FolderCache(tmp_path, 300)
    later.put("a.jpg", (1, 1, 0), WANTED, _picture(7))
    assert later.get("a.jpg", (1, 1, 0), WANTED) is not None


def test_where_nothing_can_be_written_it_is_said_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be made"):
        FolderCache(tmp_path / "file" / "inside", 1000)
    cache = FolderCache(tmp_path / "cache", 1000)
    (tmp_path / "cache").rmdir()
    with pytest.warns(RuntimeWarning, match="not kept there"):
        cache.put("a.jpg", (1, 1, 0), WANTED, _picture(1))
    assert cache.get("a.jpg", (1, 1, 0), WANTED) is None


def test_two_processes_share_one_budget(tmp_path: Path) -> None:
    code = """
import sys; import numpy as np
from twinfeed.engine.cache import FolderCache
from twinfeed.engine.decode import Wanted
cache, wanted = FolderCache(sys.argv[1], 20_000), Wanted("rgb", 4, 5)
for number in range(200):
    cache.put(f"{number}.jpg", (1, 1, 0), wanted, np.full((4, 5, 3), number, np.uint8))
    got = cache.get(f"{number}.jpg", (1, 1, 0), wanted)
    assert got is None or (got == number).all()
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(60) for each in running] == [0, 0]
    used = sum(file.stat().st_size for file in tmp_path.glob("??/*"))
    assert 15_000 < used <= 20_000


def test_memory_starts_empty_in_another_process() -> None:
    import pickle

    cache = MemoryCache(1000)
    cache.put("a.jpg", (1, 1, 0), WANTED, _picture(1))
    assert pickle.loads(pickle.dumps(cache)).used_bytes == 0


def test_other_values_are_refused() -> None:
    with pytest.raises(UsageError, match="cache=3"):
        open_cache(3, 10)
    with pytest.raises(UsageError, match="cache_bytes"):
        open_cache("memory", -1)
