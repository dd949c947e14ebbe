"""What a Python file says about itself without being run."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from twinfeed.errors import SourceError

_FILE = "a Python file that can be run"
_FUNCTION = "a function that returns a feed and needs no argument"


def read_module(given: str, path: Path) -> ast.Module:
    """The file's syntax tree.

    Raises:
        SourceError: If it cannot be read or is not Python, with the line.
    """
    try:
        with warnings.catch_warnings():  # its warnings belong to the run, not to the look
            warnings.simplefilter("ignore")
            return ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        text = (error.text or "").strip()
        hint = f"correct this line: {text}" if text else f"check it: python -m py_compile {path}"
        raise SourceError(given, f"{where}{error.msg}", _FILE, hint) from None
    except (ValueError, RecursionError) as error:
        hint = "check that this is a text file with Python in it"
        raise SourceError(given, f"it cannot be parsed ({error})", _FILE, hint) from None
    except OSError as error:
        raise SourceError(given, f"{error.strerror or error}", _FILE, "check its rights") from None


def find_module(given: str, name: str) -> Path:
    """The file of a module, found as ``import`` would find it, but without running its packages.

    Raises:
        SourceError: If it is nowhere below the working directory or ``sys.path``.
    """
    parts = name.split(".")
    for root in dict.fromkeys([str(Path.cwd()), *sys.path]):
        stem = Path(root).joinpath(*parts)
        for path in (stem / "__init__.py", stem.with_name(stem.name + ".py")):
            if path.is_file():
                return path
    raise SourceError(
        given,
        f"there is no module {name}",
        "a module below the working directory or on the Python path",
        f"name the file instead ({parts[-1]}.py:...), or run from the folder that holds {parts[0]}",
    )


def check_function(given: str, path: Path, name: str) -> None:
    """Check, as far as the text shows it, that a file defines a function that can be called.

    Raises:
        SourceError: If the text shows that it does not.
    """
    tree = read_module(given, path)
    bound = list(_bindings(tree.body))
    found = [node for known, node in bound if known == name]
    if not found:
        if any(known in {"*", "__getattr__"} for known, _ in bound):
            return
        defined = [known for known, node in bound if isinstance(node, ast.FunctionDef)]
        near = get_close_matches(name, defined, n=1)
        hint = f"it defines {', '.join(defined[:8])}" if defined else f"add `def {name}():` to it"
        hint = f"did you mean {near[0]}?" if near else hint
        raise SourceError(given, f"{path} does not define {name}", _FUNCTION, hint)
    reasons = [_why_not(node, name) for node in found]
    if reasons[-1] and all(reasons):  # `try: from a import b`, `except ImportError: b = None`
        raise SourceError(given, *reasons[-1])


def defined_at(path: Path, name: str) -> int | None:
    """The line on which a file last binds a name, from 1; ``None`` where the text does not show it."""
    try:
        bound = _bindings(read_module(str(path), path).body)
    except SourceError:
        return None
    lines = [node.lineno for known, node in bound if known == name and isinstance(node, ast.stmt)]
    return lines[-1] if lines else None


def _why_not(node: ast.AST, name: str) -> tuple[str, str, str] | None:
    """What is wrong with a definition: why, what was expected, hint."""
    line = getattr(node, "lineno", 0)
    wrap = f"write `def feed(): return {name}(...)` and name that"
    if isinstance(node, ast.AsyncFunctionDef):
        return f"{name} (line {line}) is async", _FUNCTION, "make it a plain `def`"
    if isinstance(node, ast.FunctionDef):
        given_by_default = len(node.args.defaults)
        positional = [*node.args.posonlyargs, *node.args.args]
        needed = [a.arg for a in positional[: len(positional) - given_by_default]]
        pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        needed += [a.arg for a, default in pairs if default is None]
        if needed and not node.decorator_list:  # a decorator may supply them
            return f"{name} (line {line}) needs {', '.join(needed)}", _FUNCTION, wrap
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(
        node.value, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.JoinedStr
    ):
        hint = f"write `def make_feed(): return {name}` and name that"
        return f"{name} (line {line}) is not a function", _FUNCTION, hint
    return None


def _bindings(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Names that running the statements binds at the top of the module, in order."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name, statement
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                yield alias.asname or alias.name.partition(".")[0], statement
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id, statement
            for block in ("body", "orelse", "finalbody"):
                yield from _bindings(getattr(statement, block, []))
            for branch in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
                yield from _bindings(branch.body)
