"""Decoded and resized pictures, kept for later epochs within a budget of bytes.

What is kept precedes every random draw, so it is right for any augmentation. An entry counts only
for the file as it was: its size and the times of its last changes, in ns, are part of the question
(the second is the system's own, which nobody sets back), and so is everything that decides how it
was decoded and resized.
"""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
import threading
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xxhash

from twinfeed._core.batch import Array
from twinfeed.engine.decode import Stamp, Wanted, pillow
from twinfeed.errors import UsageError

DEFAULT_BYTES = 2 << 30
"""Budget where none is given: 2 GiB."""

_HEADER = struct.Struct("<8sqqqIIIIQ")
_MAGIC = b"twfpix02"
_MOST_BYTES_PER_PIXEL = 16
_DTYPES = ("|u1", "<f4")
_LEDGER = "bytes_used"
_SCRATCH = threading.local()


class PictureCache(Protocol):
    """Where decoded pictures are kept."""

    def get(self, path: str, stamp: Stamp, wanted: Wanted) -> Array | None:
        """The picture, if it is kept and its file is what it was; valid until the next call."""
        ...

    def put(self, path: str, stamp: Stamp, wanted: Wanted, pixels: Array) -> None:
        """Keep the picture, if the budget allows it."""
        ...


class MemoryCache:
    """In this process. What came first stays: epochs go round, so the oldest is needed soonest.

    Args:
        budget_bytes: Most that the pixels may take.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.used_bytes = 0
        self._kept: dict[tuple[str, Wanted], tuple[Stamp, Array]] = {}
        self._lock = threading.Lock()

    def get(self, path: str, stamp: Stamp, wanted: Wanted) -> Array | None:
        """As in ``PictureCache``."""
        found = self._kept.get((path, wanted))
        return found[1] if found and found[0] == stamp else None

    def put(self, path: str, stamp: Stamp, wanted: Wanted, pixels: Array) -> None:
        """As in ``PictureCache``."""
        with self._lock:
            old = self._kept.get((path, wanted))
            more = pixels.nbytes - (old[1].nbytes if old else 0)
            if self.used_bytes + more <= self.budget_bytes:
                self._kept[path, wanted] = (stamp, pixels)
                self.used_bytes += more
            elif old:
                del self._kept[path, wanted]
                self.used_bytes -= old[1].nbytes

    def __reduce__(self) -> tuple[type[MemoryCache], tuple[int]]:
        """A copy in another process starts empty."""
        return type(self), (self.budget_bytes,)


class FolderCache:
    """In a folder that several processes may use at once, and that outlives them.

    One file per picture, written under another name first, so that a reader sees all of it or
    nothing; a checksum finds what was damaged since. The bytes used are counted in a ledger that
    one process at a time may change.

    Args:
        folder: Is made if it does not exist.
        budget_bytes: Most that the files may take, over all processes.
    """

    def __init__(self, folder: str | os.PathLike[str], budget_bytes: int) -> None:
        self.folder = Path(folder)
        self.budget_bytes = budget_bytes
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            given = f"cache={str(folder)!r}, which cannot be made ({error.strerror or error})"
            raise UsageError(given, "a folder of yours", 'cache="memory" needs none') from error
        self._root = os.path.abspath(self.folder)  # noqa: PTH100  a Path per picture is a cost
        self._about: tuple[Wanted | None, bytes] = None, b""
        self._counts = True

    def get(self, path: str, stamp: Stamp, wanted: Wanted) -> Array | None:
        """As in ``PictureCache``."""
        data = _contents(self._file(path, wanted), wanted)
        if data is None or len(data) < _HEADER.size:
            return None
        header: tuple[Any, ...] = _HEADER.unpack_from(data)
        height, width, channels, kind, checksum = map(int, header[4:])
        if header[0] != _MAGIC or header[1:4] != stamp or kind >= len(_DTYPES):
            return None
        body = data[_HEADER.size :]
        if xxhash.xxh3_64_intdigest(body) != checksum:
            return None
        return np.frombuffer(body, _DTYPES[kind]).reshape(height, width, channels)

    def put(self, path: str, stamp: Stamp, wanted: Wanted, pixels: Array) -> None:
        """As in ``PictureCache``; says once where nothing can be written."""
        kind, body = _DTYPES.index(pixels.dtype.str), pixels.tobytes()
        checksum = xxhash.xxh3_64_intdigest(body)
        header = _HEADER.pack(_MAGIC, *stamp, *pixels.shape, kind, checksum)
        target, name = Path(self._file(path, wanted)), ""
        try:
            target.parent.mkdir(exist_ok=True)
            name = self._reserved(target, len(header) + len(body))
            if not name:
                return
            with open(name, "r+b") as file:  # noqa: PTH123
                file.write(header)
                file.write(body)
            os.replace(name, target)  # noqa: PTH105  atomic, also where the target exists
        except OSError as error:
            if name:
                Path(name).unlink(missing_ok=True)
            warnings.warn(
                f"{self.folder}: pictures are not kept there ({error.strerror or error})",
                RuntimeWarning,
                stacklevel=2,
            )

    def _file(self, path: str, wanted: Wanted) -> str:
        known, about = self._about
        if known != wanted:
            about = repr((wanted, pillow().version())).encode()
            self._about = wanted, about
        whole = os.path.abspath(path)  # noqa: PTH100  keeps links
        name = xxhash.xxh3_128_hexdigest(about + os.fsencode(whole))
        return f"{self._root}{os.sep}{name[:2]}{os.sep}{name[2:]}"

    def _reserved(self, target: Path, size: int) -> str:
        """A file of ``size`` bytes that are counted as used; ``""`` where they do not fit.

        What it replaces is given back. It has its size before the next process counts.
        """
        with _locked(self.folder / _LEDGER) as ledger:
            said = os.pread(ledger, 32, 0) if hasattr(os, "pread") else os.read(ledger, 32)
            used = int(said) if said.strip().isdigit() else self._counted()
            with contextlib.suppress(OSError):
                used -= target.stat().st_size
            if used + size > self.budget_bytes and self._counts:
                # Files may have been deleted since, or a process may have been.
                self._counts, used = False, self._counted()
            if used + size > self.budget_bytes:
                return ""
            made, name = tempfile.mkstemp(dir=target.parent)
            os.truncate(made, size)
            os.close(made)
            os.lseek(ledger, 0, os.SEEK_SET)
            os.write(ledger, f"{used + size:<31}\n".encode())
        return name

    def _counted(self) -> int:
        return sum(file.stat().st_size for file in self.folder.glob("??/*"))


def _contents(file: str, wanted: Wanted) -> memoryview | None:
    """The bytes of a file, in memory of the calling thread that its next call uses again."""
    most = _HEADER.size + wanted.height * wanted.width * _MOST_BYTES_PER_PIXEL + 1
    room: Array | None = getattr(_SCRATCH, "room", None)
    if room is None or room.size < most:
        room = _SCRATCH.room = np.empty(most, np.uint8)
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123
            return room.data[: opened.readinto(room.data)]
    except OSError:
        return None


@contextlib.contextmanager
def _locked(path: Path) -> Generator[int]:
    """An open file that no other process or thread has locked."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415  exists on Windows only

            msvcrt.locking(file, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl  # noqa: PLC0415  exists elsewhere only

            fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)  # which unlocks


def check_apart(where: object, data: str) -> None:
    """Refuse a folder of decoded pictures inside of a data set, where it would be taken for a class.

    Args:
        where: What ``open_cache`` will be given.
        data: The data set's folder.

    Raises:
        UsageError: It lies inside.
    """
    if isinstance(where, str | os.PathLike) and where != "memory":
        folder = Path(where)  # type: ignore[arg-type]
        if folder.resolve().is_relative_to(Path(data).resolve()):
            given = f"cache={str(folder)!r}, inside of {data!r}"
            raise UsageError(given, "a folder beside the data", "its folders would be classes")


def open_cache(where: object, budget_bytes: int) -> PictureCache | None:
    """The cache that an argument names.

    Args:
        where: ``None``, ``"memory"`` or a folder.
        budget_bytes: Most that it may take.

    Raises:
        UsageError: It is neither.
    """
    if where is None:
        return None
    if budget_bytes < 0:
        raise UsageError(f"cache_bytes={budget_bytes}", "0 or more", "2 << 30 is 2 GiB")
    if where == "memory":
        return MemoryCache(budget_bytes)
    if isinstance(where, str | os.PathLike):
        return FolderCache(where, budget_bytes)  # type: ignore[arg-type]
    raise UsageError(f"cache={where!r}", '"memory" or a folder', "leave it out to keep nothing")
