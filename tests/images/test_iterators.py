"""What the iterators do beyond Keras's: bad files, links, caches, threads, other forms."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.project.tools import run
from twinfeed.engine.decode import stamp, tells
from twinfeed.errors import ImageFileError, UsageError
from twinfeed.images import ImageDataGenerator

pytest.importorskip("PIL")
MOVES: dict[str, Any] = {"rotation_range": 20, "zoom_range": 0.2, "horizontal_flip": True}


def _flow(folder: Path, *, moves: dict[str, Any] | None = None, **how: Any) -> Any:
    how = {"target_size": (12, 15), "batch_size": 5, "seed": 3, **how}
    return ImageDataGenerator(**(MOVES if moves is None else moves)).flow_from_directory(
        folder, **how
    )


def _batches(iterator: Any, count: int = 7) -> list[Any]:
    return [next(iterator) for _ in range(count)]


def _same(left: list[Any], right: list[Any]) -> bool:
    return all(
        np.array_equal(a, b)
        for x, y in zip(left, right, strict=True)
        for a, b in zip(x, y, strict=True)
    )


@pytest.fixture
def damaged(pictures: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "damaged"
    shutil.copytree(pictures, folder)
    (folder / "class0" / "00zero.jpg").write_bytes(b"")
    (folder / "class1" / "99text.png").write_text("<html>", "utf-8")
    os.mkfifo(folder / "class2" / "05fifo.jpg")
    return folder


def test_a_bad_file_ends_it_with_its_name(damaged: Path) -> None:
    with pytest.raises(ImageFileError, match=r"00zero\.jpg: it is empty"):
        _batches(_flow(damaged, shuffle=False))


def test_bad_files_are_skipped_counted_and_listed(damaged: Path) -> None:
    first, second = (_flow(damaged, on_error="skip", threads=n) for n in (1, 4))
    one, two = _batches(first), _batches(second)
    assert _same(one, two)
    assert [len(x) for x, _ in one[:5]] == [5, 5, 5, 5, 5]
    assert {Path(path).name for path in first.skipped} == {"00zero.jpg", "99text.png", "05fifo.jpg"}
    assert first.skipped == second.skipped


def test_the_place_of_a_bad_file_is_taken_by_the_next_with_its_label(damaged: Path) -> None:
    x, y = next(_flow(damaged, on_error="skip", shuffle=False, moves={}, class_mode="sparse"))
    assert np.array_equal(x[0], x[1])  # 00zero.jpg is followed by the file that comes next
    assert y[0] == y[1]


def test_a_file_that_vanishes_is_skipped(pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "vanishing"
    shutil.copytree(pictures, folder)
    iterator = _flow(folder, on_error="skip", shuffle=False)
    next(iterator)
    gone = iterator.filepaths[-1]
    Path(gone).unlink()
    assert all(len(x) == 5 for x, _ in _batches(iterator, 3))
    _batches(iterator, 2)
    assert list(iterator.skipped) == [gone]


def test_nothing_readable_raises(tmp_path: Path) -> None:
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "x.jpg").write_bytes(b"")
    with pytest.raises(ImageFileError, match=r"x\.jpg"):
        next(_flow(tmp_path / "data", on_error="skip"))


def test_links_out_of_the_folder_are_followed_said_and_refused(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "linked"
    folder.mkdir()
    (folder / "class0").symlink_to(pictures / "class0", target_is_directory=True)
    (folder / "class1").mkdir()
    shutil.copy(next((pictures / "class1").glob("*.png")), folder / "class1" / "own.png")
    (folder / "class1" / "again.png").symlink_to(folder / "class1" / "own.png")
    (folder / "class1" / "round").symlink_to(folder / "class1", target_is_directory=True)
    followed = _flow(folder, follow_links=True)
    away = len([name for name in followed.filenames if name.startswith("class0")])
    assert away > 3
    assert capsys.readouterr().out.count(f"Links lead to {away} of them out of the folder") == 1
    refused = _flow(folder, follow_links=True, outside_links="refuse")
    assert refused.filenames == ["class1/again.png", "class1/own.png"]


def test_names_that_are_no_text(pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    (folder / "a").mkdir(parents=True)
    source = next((pictures / "class1").glob("*.png"))
    name = os.fsencode(folder / "a") + b"/caf\xe9.png"
    try:
        with open(name, "wb") as file:  # noqa: PTH123
            file.write(source.read_bytes())
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    with open(name[:-4] + b"2.png", "wb"):  # noqa: PTH123
        pass
    iterator = _flow(folder, shuffle=False, batch_size=1)
    assert next(iterator)[0].shape == (1, 12, 15, 3)
    with pytest.raises(ImageFileError, match=r"caf\\xe92\.png: it is empty"):
        next(iterator)


@pytest.mark.parametrize("where", ["memory", "folder"])
def test_a_cache_changes_no_batch_and_lies_elsewhere(
    where: str, pictures: Path, tmp_path: Path
) -> None:
    kept = "memory" if where == "memory" else tmp_path / "kept"
    before = {path: path.stat().st_mtime_ns for path in pictures.rglob("*")}
    plain, cached = _batches(_flow(pictures), 12), _batches(_flow(pictures, cache=kept), 12)
    assert _same(plain, cached)
    assert _same(plain, _batches(_flow(pictures, cache=kept), 12))
    assert {path: path.stat().st_mtime_ns for path in pictures.rglob("*")} == before


def test_a_changed_file_is_read_again(pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changing"
    (folder / "a").mkdir(parents=True)
    first, second = sorted(pictures.rglob("*.png"))[:2]
    shutil.copy(first, folder / "a" / "x.png")
    iterator = _flow(folder, cache="memory", moves={}, batch_size=1)
    old = next(iterator)[0]
    shutil.copy(second, folder / "a" / "x.png")
    assert not np.array_equal(next(iterator)[0], old)


@pytest.mark.parametrize("where", ["memory", "folder"])
def test_a_file_changed_in_secret_is_read_again(where: str, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "data" / "a" / "x.bmp"
    path.parent.mkdir(parents=True)
    kept = "memory" if where == "memory" else tmp_path / "kept"
    iterator = None
    for value in (10, 20):  # of one size, and both from the same second of the last century
        Image.new("RGB", (15, 12), (value, value, value)).save(path)
        os.utime(path, ns=(1, 1))
        while not tells(stamp(str(path))):  # until the system's clock has moved on
            pass
        iterator = iterator or _flow(tmp_path / "data", cache=kept, moves={}, batch_size=1)
        assert np.unique(next(iterator)[0]) == value
    assert iterator.cache.get(str(path), stamp(str(path)), iterator._wanted()) is not None


def test_a_cache_inside_of_the_data_is_refused(pictures: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)inside of .*Hint:"):
        _flow(pictures, cache=pictures / "kept")
    assert not (pictures / "kept").exists()


@pytest.mark.parametrize("moves", [MOVES, {"preprocessing_function": lambda x: x / 2}])
def test_threads_and_copies_change_no_batch(moves: dict[str, Any], pictures: Path) -> None:
    expected = _batches(_flow(pictures, moves=moves, threads=1), 9)
    iterator = _flow(pictures, moves=moves, threads=3)
    got = _batches(iterator, 4)
    twin = copy.copy(iterator)
    assert _same(expected, got + _batches(twin, 5))
    assert _same(expected[4:], _batches(iterator, 5))
    if moves is MOVES:
        other = pickle.loads(pickle.dumps(_flow(pictures, moves=moves)))
        assert _same(expected, _batches(other, 9))


def test_settings_changed_meanwhile_count_from_the_next_batch(pictures: Path) -> None:
    iterator = _flow(pictures, moves={"rescale": 1.0}, shuffle=False)
    _batches(iterator, 3)  # by now batches have been made ahead
    iterator.image_data_generator.rescale = 0.5
    iterator.reset()
    other = _flow(pictures, moves={"rescale": 0.5}, shuffle=False)
    assert np.array_equal(next(iterator)[0], next(other)[0])


def test_brightness_right_and_as_keras_has_it() -> None:
    x = np.linspace(0, 1, 48, dtype=np.float32).reshape(1, 4, 4, 3)
    kept = ImageDataGenerator(brightness_range=(0.8, 0.8)).flow(x, seed=1)
    mended = ImageDataGenerator(brightness_range=(0.8, 0.8), keras_faults=False).flow(x, seed=1)
    assert set(np.unique(next(kept))) <= {0.0, 1.0}
    assert np.allclose(next(mended), x * 0.8)


def test_arguments_that_mean_nothing_are_refused(pictures: Path) -> None:
    for how in ({"on_error": "ignore"}, {"color_mode": "bgr"}, {"class_mode": "many"}):
        with pytest.raises(UsageError, match=r"(?s)Expected one of.*Hint:"):
            _flow(pictures, **how)
    with pytest.raises(ValueError, match="length 5"):
        _flow(pictures)[5]


def test_an_empty_class_folder_counts(pictures: Path) -> None:
    iterator = _flow(pictures)
    assert iterator.class_indices == {"class0": 0, "class1": 1, "class2": 2, "empty": 3}
    assert next(iterator)[1].shape == (5, 4)


def test_importing_loads_no_library_and_it_works_without_keras_and_numba(pictures: Path) -> None:
    code = f"""
import sys
from twinfeed.images import ImageDataGenerator
heavy = {{"keras", "tensorflow", "PIL", "numba", "pandas", "scipy"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
sys.modules.update(dict.fromkeys(["keras", "tensorflow"]))  # not importable
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, *rest: None if name == "numba" else find(name, *rest)
import importlib, twinfeed.engine._kernels as loading
loading.find_spec = util.find_spec
assert loading.kernels() is None
sys.modules["keras"] = sys.modules["tensorflow"] = None
flow = ImageDataGenerator(**{MOVES!r}).flow_from_directory({str(pictures)!r}, (12, 15), seed=3, batch_size=5)
print(float(next(flow)[0].astype("f8").sum()))
"""
    done = run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    expected = float(next(_flow(pictures))[0].astype("f8").sum())
    assert float(done.stdout.splitlines()[-1]) == expected


def test_a_forked_child_makes_its_own_threads(pictures: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    code = f"""
import os
from twinfeed.images import ImageDataGenerator
flow = ImageDataGenerator(**{MOVES!r}).flow_from_directory({str(pictures)!r}, (12, 15), seed=3, batch_size=5)
for _ in range(3): next(flow)
child = os.fork()
x = next(flow)[0].sum()
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60, check=False)
    assert done.returncode == 0
