"""What a project's ``pyproject.toml`` says: ``[tool.twinfeed]``, a table per command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import click

from twinfeed.errors import UsageError

_NAME = "pyproject.toml"
PER_FILE = "per-file-ignores"


class Configured(click.Command):
    """A command whose options may stand in the project's configuration.

    What is typed wins over the environment, which wins over the file, which wins over the
    defaults. A key is an option's long name without its dashes.
    """

    keys: frozenset[str] = frozenset()
    """The options that a file may set."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Called by click; asking for help needs no file that is in order."""
        if self.name is not None and not {"-h", "--help"} & set(args):
            found = configured(self.name, self.keys)
            wanted = {key: value for key, value in found.items() if key != PER_FILE}
            several = {param.name for param in self.params if getattr(param, "multiple", False)}
            named = {key.replace("-", "_"): value for key, value in wanted.items()}
            extra["default_map"] = {
                key: (value,) if key in several and isinstance(value, str) else value
                for key, value in named.items()
            }
            if parent is not None and PER_FILE in found:
                parent.obj.per_file_ignores = _patterns(found[PER_FILE])
        return super().make_context(info_name, args, parent, **extra)


def configured(command: str, keys: frozenset[str], start: Path | None = None) -> dict[str, Any]:
    """What the project's file says of a command.

    The file is that of ``TWINFEED_CONFIG``, or the nearest ``pyproject.toml`` upwards from
    ``start``, the working directory by default. It names options only, never code to run.

    Raises:
        UsageError: If it cannot be read, or has a key that means nothing.
    """
    path = _file(start or Path.cwd())
    if path is None:
        return {}
    whole = _table(path, _read(path).get("tool", {}), "tool").get("twinfeed", {})
    known = {"lint": frozenset({PER_FILE}) | keys} if command == "lint" else {command: keys}
    tables = _table(path, whole, "tool.twinfeed")
    for key in tables:
        if key not in known and key not in _COMMANDS:
            raise _unknown(path, f"tool.twinfeed.{key}", key, _COMMANDS)
    found = _table(path, tables.get(command, {}), f"tool.twinfeed.{command}")
    for key, value in found.items():
        if key not in known[command]:
            raise _unknown(path, f"tool.twinfeed.{command}.{key}", key, known[command])
        if isinstance(value, dict) and key != PER_FILE:
            given = f"{path}: tool.twinfeed.{command}.{key} is a table"
            raise UsageError(given, "a value", "write it as on the command line")
    return found


_COMMANDS = frozenset({"attribute", "check", "diff", "lint", "port", "trace", "tune"})


def _file(here: Path) -> Path | None:
    given = os.environ.get("TWINFEED_CONFIG")
    if given is not None:
        return Path(given) if given else None
    return next((p for folder in (here, *here.parents) if (p := folder / _NAME).is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        given = f"{path}, which cannot be read ({error.strerror or error})"
    except ValueError as error:
        given = f"{path}, which is no TOML ({error})"
    raise UsageError(
        given,
        "a TOML file, with tables such as [tool.twinfeed.check]",
        "check it, or unset TWINFEED_CONFIG",
    )


def _table(path: Path, found: object, name: str) -> dict[str, Any]:
    if isinstance(found, dict):
        return cast("dict[str, Any]", found)
    raise UsageError(f"{path}: {name} is no table", f"[{name}]", "write it as a table")


def _unknown(path: Path, name: str, key: str, known: frozenset[str]) -> UsageError:
    near = get_close_matches(key.replace("_", "-"), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"remove {key}"
    return UsageError(f"{path}: {name} means nothing", f"one of: {', '.join(sorted(known))}", hint)


def _patterns(found: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(found, dict):
        raise UsageError(f"{PER_FILE} is no table", "patterns of files with their codes", _LIKE)
    patterns: dict[str, tuple[str, ...]] = {}
    for pattern, codes in cast("dict[str, object]", found).items():
        listed = cast("list[object]", codes) if isinstance(codes, list) else [codes]
        if not all(isinstance(code, str) for code in listed):
            raise UsageError(f"{PER_FILE} of {pattern!r} is no list of codes", "codes", _LIKE)
        patterns[pattern] = tuple(str(code) for code in listed)
    return patterns


_LIKE = f'{PER_FILE} = {{ "tests/*" = ["ORD101"] }}'
