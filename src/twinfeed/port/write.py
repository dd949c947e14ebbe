"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from twinfeed._core.whole_file import whole_file
from twinfeed.errors import UsageError
from twinfeed.port.outcome import Ported


def replace_file(done: Ported) -> None:
    """Put the new text in the file's place, with the file's rights.

    A link stays a link: what it leads to is replaced.

    Raises:
        UsageError: If it cannot be written, or is not what was read any more.
    """
    target = done.path.resolve()
    if not target.is_file() or target.read_bytes() != done.before:
        given = f"{done.path}, which was changed while it was being rewritten"
        raise UsageError(given, "a file that nobody else is writing", "run it again")
    if not os.access(target, os.W_OK):  # a rename would get around its rights
        raise UsageError(f"{done.path}, which is read-only", "a file of yours", "use --diff")
    try:
        with whole_file(target) as file:
            file.write(done.after)
    except OSError as error:
        given = f"{done.path}, which cannot be written ({error.strerror or error})"
        raise UsageError(given, "a file of yours", "use --diff to see the change") from error


@contextmanager
def beside(path: Path, script: bytes) -> Generator[Path]:
    """A script in a file beside another, for as long as it is needed.

    There it finds the modules and the data that the other one finds.

    Raises:
        UsageError: If nothing can be written there.
    """
    folder = path.resolve().parent
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.ported-", suffix=".py", dir=folder)
    except OSError as error:
        given = f"{folder}, where nothing can be written ({error.strerror or error})"
        raise UsageError(given, "a folder of yours", "copy the script elsewhere") from error
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(script)
        yield copy
    finally:
        copy.unlink(missing_ok=True)
