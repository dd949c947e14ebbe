"""What is light stays light: importing twinfeed loads no framework."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.project.tools import ROOT, name_of, run, sources

FRAMEWORKS = (
    "tensorflow", "keras", "torch", "jax", "grain", "tensorflow_datasets", "PIL", "pandas",
)  # fmt: skip
MAY_IMPORT_THEM = {"_adapters", "_bindings", "_frameworks"}
ONLY_FOR_ADAPTERS = {"src/twinfeed/graph/copies.py"}
"""Outside those folders, and yet only of use with a live object of the framework at hand."""

# Printed and compared: an exit code would also be right where the import itself fails.
_LOADED = """
import sys
from importlib import import_module
for name in {names!r}:
    import_module(name)
print(sorted({heavy!r} & {{name.partition(".")[0] for name in sys.modules}}))
"""


def _loaded_by(*names: str, heavy: tuple[str, ...]) -> str:
    done = run(sys.executable, "-c", _LOADED.format(names=names, heavy=set(heavy)))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "name",
    [
        "twinfeed",
        "twinfeed.report",
        "twinfeed.diff",
        "twinfeed.lint",
        "twinfeed.observe",
        "twinfeed.cli",
    ],
)
def test_loads_no_framework_and_no_scipy(name: str) -> None:
    assert _loaded_by(name, heavy=(*FRAMEWORKS, "scipy")) == "[]"


def test_only_fenced_folders_load_a_framework() -> None:
    files = [
        path
        for path in sources("src/twinfeed")
        if not MAY_IMPORT_THEM.intersection(path.parts)
        and path.stem != "__main__"
        and name_of(path) not in ONLY_FOR_ADAPTERS
    ]
    names = [
        name_of(path)
        .removeprefix("src/")
        .removesuffix(".py")
        .removesuffix("/__init__")
        .replace("/", ".")
        for path in files
    ]
    assert "twinfeed.feeds" in names
    assert _loaded_by(*names, heavy=FRAMEWORKS) == "[]"


def test_pytest_plugin_loads_nothing_of_ours() -> None:
    assert (ROOT / "src" / "_twinfeed_pytest.py").exists()
    assert _loaded_by("_twinfeed_pytest", heavy=(*FRAMEWORKS, "twinfeed", "numpy")) == "[]"


def test_the_public_checks_are_reached_from_the_top() -> None:
    done = run(sys.executable, "-c", "import twinfeed; print(twinfeed.testing.check_feed.__name__)")
    assert done.stdout.strip() == "check_feed", done.stderr


_IMPORTED = """
from importlib import import_module
for module, name in {wanted!r}:
    try:
        found = import_module(module)
        if not hasattr(found, name):
            import_module(f"{{module}}.{{name}}")
    except ImportError as error:
        print(module, name, error)
"""


def test_what_benchmarks_import_of_the_package_is_there() -> None:
    # They are run by hand: a name that moved would else be missed until then.
    wanted = {
        (node.module, one.name)
        for path in sources("benchmarks")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("twinfeed")
        for one in node.names
    }
    assert wanted
    done = run(sys.executable, "-c", _IMPORTED.format(wanted=sorted(wanted)))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
