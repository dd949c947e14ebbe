"""Chains written in any way: a change gives Python that means what was asked, or is refused."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter

from hypothesis import example, given, strategies as st

from tests.port.test_chains import place
from twinfeed.port.chains import (
    Append,
    Drop,
    Edit,
    Move,
    OverlapError,
    RefusalError,
    SetArgument,
    Source,
)

STEPS = {
    "shuffle": ("shuffle(100)", "shuffle(N, seed = 1)", "shuffle(\n\tbuffer_size=(100),  # why é\n\t)"),
    "cache": ("cache()", "cache('a.b(\"c\")')", "cache(\n)"),
    "map": ("map(f)", "map(lambda x: (x, x), num_parallel_calls=4)", "map(\n    lambda x:\n        x + 1,\n)"),
    "batch": ("batch(8)", "batch(batch_size=b, )", "batch(8,  # ü\n  drop_remainder=True)"),
}  # fmt: skip
GAPS = st.sampled_from(["", "", "\n", "\n\t", "  # 日本語\n    ", " \\\n  ", "\n\n    # alone\n  "])
ENDS = st.sampled_from(["\n", "", "  # end\n", "; y = 'ß'\n"])


@st.composite
def written(draw: st.DrawFn) -> str:
    """A statement with each of the four steps once, its lines broken anywhere."""
    names = draw(st.permutations(list(STEPS)))
    parts = [draw(st.sampled_from(STEPS[name])) for name in names]
    chain = "source(1)" + "".join(
        draw(GAPS) + "." + draw(st.sampled_from(["", " "])) + p for p in parts
    )
    inside = draw(
        st.sampled_from(["({})", "(\n  {}\n)", "use(a, {}, b)", "[({},)]", "{{'ö': ({})}}"])
    )
    head = draw(st.sampled_from(["", "'''docs\nü'''\n", "# a\n\n", "é = 'é'; "]))
    indented = draw(st.booleans()) and ";" not in head
    body = "ds = " + inside.format(chain) + draw(ENDS)
    return head + ("if True:\n\t" + body if indented else body)


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text, and one or two changes of it."""
    text = draw(written())
    edits: list[Edit] = []
    for _ in range(draw(st.integers(1, 2))):
        one, other = draw(st.permutations(list(STEPS)))[:2]
        at, to = place(text, one), place(text, other)
        edits.append(
            draw(
                st.sampled_from(
                    [
                        SetArgument(at, one, "seed", "9"),
                        Move(at, one, to, other, draw(st.booleans())),
                        Drop(at, one),
                        Append(at, one, "prefetch(2)"),
                    ]
                )
            )
        )
    return text, edits


def swallowed() -> tuple[str, list[Edit]]:
    """A move to where it stands already, behind a comment that took the chain in."""
    text = "ds = (\n  source(1)  # why\n    .shuffle(9).cache()\n)\n"
    return text, [
        Move(place(text, "shuffle"), "shuffle", place(text, "cache"), "cache", behind=False)
    ]


def beside() -> tuple[str, list[Edit]]:
    """A move that lets a comment of a line of its own end up before one at the end of a line."""
    text = "ds = (source(1)\n\n    # alone\n  .shuffle(100)  # why\n    .cache().map(f).batch(8))\n"
    return text, [
        Move(place(text, "shuffle"), "shuffle", place(text, "cache"), "cache", behind=False)
    ]


def comments(text: str) -> Counter[str]:
    """Two that come to stand on one line are still two."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return Counter(part.strip() for line in found for part in line.split("#") if part.strip())


def calls(text: str) -> Counter[str]:
    return Counter(
        node.func.attr
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )


@given(changes())
@example(swallowed())
@example(beside())
def test_a_change_gives_what_was_asked_or_is_refused(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    ast.parse(text)
    try:
        after = Source(text).edited(edits)
    except (RefusalError, OverlapError):
        return
    found = calls(after)
    wanted = calls(text)
    for edit in edits:
        if isinstance(edit, Drop):
            wanted[edit.verb] -= 1
        elif isinstance(edit, Append):
            wanted["prefetch"] += 1
    assert found == +wanted
    if not any(isinstance(edit, Drop) for edit in edits):
        assert comments(after) == comments(text)


@given(written())
def test_an_argument_that_is_set_is_set_once(text: str) -> None:
    def with_seed(before: str) -> str:
        return Source(before).edited(
            [SetArgument(place(before, "shuffle"), "shuffle", "seed", "9")]
        )

    once = with_seed(text)
    assert with_seed(once) == once


@given(written())
def test_nothing_asked_is_nothing_changed(text: str) -> None:
    assert Source(text).edited([]) == text
