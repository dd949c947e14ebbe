"""One file: read it, rewrite its code, say what was done."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from twinfeed._core.optional import require
from twinfeed.errors import UsageError
from twinfeed.port.notebook import CellError, Notebook
from twinfeed.port.outcome import Ported, Remark, Rewritten, Target

_REWRITERS = {"twinfeed": "_dropin", "tf-data": "_tfdata"}


def port_text(text: str, *, to: Target = "twinfeed") -> Rewritten:
    """Rewrite Python code.

    Args:
        text: A whole module.
        to: ``"twinfeed"`` for the drop-in, ``"tf-data"`` for plain ``tf.data`` and layers.

    Raises:
        MissingLibraryError: If LibCST is not installed.
    """
    require("libcst", "rewrite code")
    # By name: loading LibCST takes a while, and most commands do without.
    module: Any = import_module(f"twinfeed.port._bindings.{_REWRITERS[to]}")
    found: Rewritten = module.rewrite(text)
    return found


def port_file(path: Path, *, to: Target = "twinfeed") -> Ported:
    """Rewrite a script or a notebook, in memory.

    Args:
        path: A ``.py`` or ``.ipynb`` file.
        to: See ``port_text``.

    Raises:
        UsageError: If it cannot be read as text.
        MissingLibraryError: If LibCST is not installed.
    """
    expected = "Python scripts (.py) or notebooks (.ipynb)"
    if not path.is_file():
        why = "which is no file" if path.exists() else "which does not exist"
        raise UsageError(f"{path}, {why}", expected, "name files; train/*.py lists a folder's")
    try:
        before = path.read_bytes()
        if path.suffix == ".ipynb":
            return _notebook(path, before, to)
        encoding = tokenize.detect_encoding(io.BytesIO(before).readline)[0]
        text = before.decode(encoding)
    except OSError as error:
        given = f"{path}, which cannot be read ({error.strerror or error})"
        raise UsageError(given, expected, "check its rights") from error
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        given = f"{path}, which is no text ({error})"
        raise UsageError(given, expected, "name the script itself") from error
    done = port_text(text, to=to)
    return _ported(path, before, done, done.text.encode(encoding), lambda line: f"{path}:{line}")


def script_of(path: Path, contents: bytes) -> bytes:
    """A file's code as a script: itself, or the code cells of a notebook without magics."""
    if path.suffix != ".ipynb":
        return contents
    return Notebook(contents.decode("utf-8-sig")).script().encode()


def _notebook(path: Path, before: bytes, to: Target) -> Ported:
    """Port the code cells together: an import stands in one cell, its use in another."""
    try:
        book = Notebook(before.decode("utf-8-sig"))
    except CellError as error:
        place = f"{path}:{error.place}" if error.place else str(path)
        return Ported(path=path, before=before, after=before, refusals=(f"{place}: {error}",))
    except ValueError as error:
        given = f"{path}, which is no notebook ({error})"
        raise UsageError(given, "the JSON of a Jupyter notebook", "save it again") from error
    done = port_text(book.code, to=to)
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    after = mark + book.with_code(done.text).encode()
    return _ported(path, before, done, after, lambda line: f"{path}:{book.place(line)}")


def _ported(
    path: Path, before: bytes, done: Rewritten, after: bytes, place: Callable[[int], str]
) -> Ported:
    def said(remarks: Sequence[Remark]) -> tuple[str, ...]:
        return tuple(f"{place(remark.line)}: {remark.says}" for remark in sorted(set(remarks)))

    return Ported(
        path=path,
        before=before,
        after=before if done.refusals else after,
        changes=() if done.refusals else said(done.changes),
        notes=said(done.notes),
        refusals=said(done.refusals),
    )
