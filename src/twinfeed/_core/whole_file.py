"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(target: Path) -> Generator[BinaryIO]:
    """A file to write that takes the target's place when all of it is on the disk.

    It gets the rights of what it replaces, or those of any new file. Where the writing fails or is
    interrupted, what stood there still stands, and nothing lies beside it.

    Args:
        target: Where to; no link, and in a folder that exists.

    Raises:
        OSError: If nothing can be written there.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(target.stat().st_mode & 0o7777 if target.exists() else _rights_of_new())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _rights_of_new() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
