"""What is written instead of Keras's class, and what is left alone."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

pytest.importorskip("libcst")

from twinfeed.port import port_text

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
BORDER = "=" * 40 + "\n"
MODULES = (
    "keras.preprocessing.image",
    "tensorflow.keras.preprocessing.image",
    "tensorflow.python.keras.preprocessing.image",
    "tensorflow.compat.v1.keras.preprocessing.image",
    "tensorflow.compat.v2.keras.preprocessing.image",
    "keras.src.legacy.preprocessing.image",
    "keras.legacy.preprocessing.image",
    "keras.src.preprocessing.image",
    "keras_preprocessing.image",
    "keras_preprocessing.image.image_data_generator",
)


def spelled(module: str, form: str) -> str:
    """A script that names the class of a module in one of the ways there are."""
    above, _, last = module.rpartition(".")
    top, _, below = module.partition(".")
    name = "ImageDataGenerator"
    return {
        "name": f"from {module} import {name}\ng = {name}()\n",
        "as": f"from {module} import {name} as G\ng = G()\n",
        "beside": f"from {module} import load_img, {name}\ng = {name}(); load_img\n",
        "module": f"from {above} import {last}\ng = {last}.{name}()\n",
        "module as": f"import {module} as m\ng = m.{name}()\n",
        "whole": f"import {module}\ng = {module}.{name}()\n",
        "top": f"import {top} as t\ng = t.{below}.{name}()\n",
        "inside": f"def f():\n    import {top} as t\n    return t.{below}.{name}()\ng = f()\n",
    }[form]


FORMS = ("name", "as", "beside", "module", "module as", "whole", "top", "inside")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path, request: pytest.FixtureRequest) -> None:
    """The text, what becomes of it, and what is said; ``--update-golden`` rewrites the rest."""
    before, _, expected = case.read_text("utf-8").partition(BORDER)
    done = port_text(before)
    said = [f"{r.line}: {r.says}\n" for r in sorted((*done.changes, *done.notes, *done.refusals))]
    after = done.text + BORDER + "".join(said)
    if request.config.getoption("--update-golden"):
        case.write_text(before + BORDER + after, "utf-8")
        expected = after
    assert after == expected
    assert port_text(done.text).text == done.text


@pytest.mark.parametrize(("module", "form"), list(product(MODULES, FORMS)))
def test_every_spelling(module: str, form: str) -> None:
    done = port_text(spelled(module, form))
    assert not done.refusals
    assert "twinfeed.images import ImageDataGenerator" in done.text
    names: dict[str, object] = {}
    exec(compile(_without_other_imports(done.text), "ported", "exec"), names)
    assert type(names["g"]).__module__ == "twinfeed.images.generator"
    assert not port_text(done.text).changes


def _without_other_imports(text: str) -> str:
    """Keras's own modules may not be there; what is imported from elsewhere stays named."""
    lines = text.splitlines()
    kept = [x for x in lines if "import" not in x or "twinfeed" in x]
    return "load_img = None\n" + "\n".join(kept)


@settings(max_examples=30, deadline=None)
@given(
    parts=st.lists(st.tuples(st.sampled_from(MODULES), st.sampled_from(FORMS)), max_size=4),
    comments=st.lists(st.text("abc é#'", max_size=5), min_size=5, max_size=5),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_twice_is_once_and_comments_stay(
    parts: list[tuple[str, str]], comments: list[str], newline: str
) -> None:
    pieces = [
        f"# {comment}\n{spelled(*part)}" for part, comment in zip(parts, comments, strict=False)
    ]
    text = "".join(pieces).replace("\n", newline)
    once = port_text(text)
    if once.refusals:  # another part may have made the name mean something else
        assert once.text == text
        return
    assert port_text(once.text).text == once.text
    assert all(f"# {comment}{newline}" in once.text for comment in comments[: len(parts)])
    assert once.text.count("\r") == (once.text.count("\n") if newline == "\r\n" else 0)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("from keras.preprocessing.image import *\ng = ImageDataGenerator()\n", 1, "import *"),
        ("m = find()\nm.ImageDataGenerator()\n", 2, "cannot be told"),
        (
            "import keras\nm = 1\nm = keras.preprocessing.image\nm.ImageDataGenerator()\n",
            4,
            "be told",
        ),
        ("ImageDataGenerator()\n", 1, "cannot be told"),
        ("from tf_keras.preprocessing.image import ImageDataGenerator\n", 1, "Keras 2"),
        ("import tf_keras as k\nk.preprocessing.image.ImageDataGenerator()\n", 2, "Keras 2"),
        ("from keras.layers import ImageDataGenerator\n", 1, "no place"),
        ("import keras\nkeras.preprocessing.image.ImageDataGenerator = 3\n", 2, "replaced here"),
        (
            "import keras\nImageDataGenerator = 3\nkeras.preprocessing.image.ImageDataGenerator()\n",
            2,
            "something else",
        ),
        (
            "from keras.preprocessing.image import Iterator\n\nclass Mine(Iterator):\n    pass\n",
            3,
            "private methods",
        ),
        (
            "import importlib\nimportlib.import_module('keras.preprocessing.image')\n",
            2,
            "in a string",
        ),
        ("import keras\ngetattr(keras, 'ImageDataGenerator')\n", 2, "by a string"),
        (
            "from keras.preprocessing.image import ImageDataGenerator\nImageDataGenerator(zoom=1)\n",
            2,
            "no argument zoom",
        ),
        ("import keras\nm.fit_generator(g, samples_per_epoch=9)\n", 2, "counts examples"),
        ("import keras\nm.fit_generator(g, **more)\n", 2, "cannot be told"),
        ("import keras\nm.fit_generator(g, 1, 2, 3, 4, 5, 6, 7)\n", 2, "depends on the version"),
        ("import keras\ntrain = m.fit_generator\n", 2, "handed on"),
        ("print 'ImageDataGenerator'\n", 1, "no Python 3"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, line: int, why: str) -> None:
    done = port_text(text)
    assert done.text == text
    assert [r.line for r in done.refusals if why in r.says] == [line], done.refusals


@pytest.mark.parametrize(
    "text",
    [
        "import other\nother.ImageDataGenerator()\nmodel.fit_generator(g, workers=3)\n",
        "import keras\n\ndef fit_generator():\n    pass\n\nself.fit_generator(workers=1)\n",
        "def f(ImageDataGenerator):\n    return ImageDataGenerator()\n",
        "print 'python 2'\n",
        "",
    ],
)
def test_what_is_not_keras_stays(text: str) -> None:
    done = port_text(text)
    assert done.text == text
    assert not done.refusals
