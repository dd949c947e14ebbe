"""Whether code that runs in threads of its own could move a shared random stream."""

from __future__ import annotations

import dis
import random
from collections.abc import Iterable
from itertools import takewhile
from types import CodeType, FunctionType, ModuleType
from typing import Any, cast

import numpy as np

from twinfeed.feeds._random_holders import of_library, reachable

_LIBRARIES = frozenset({"random", "numpy", "torch", "tensorflow", "keras"})


# These make a generator of the caller's own.
_OWN = frozenset(
    {"default_rng", "Generator", "RandomState", "SeedSequence", "SeedGenerator", "Random"}
)


def may_draw(owners: Iterable[object]) -> bool:
    """Whether a function that these objects reach draws from a shared stream.

    Judged by the names in its code: ``np.random.rand``, ``random.shuffle``, ``torch.randn``.
    """
    return any(
        _draws(item, item.__code__)
        for item in reachable(owners)
        if isinstance(item, FunctionType) and not of_library(item)
    )


def _draws(function: FunctionType, code: CodeType) -> bool:
    steps = list(dis.get_instructions(code))
    for place, step in enumerate(steps):
        if step.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            value = function.__globals__.get(step.argval)
            attributes = [after.argval for after in takewhile(_is_attribute, steps[place + 1 :])]
            if _is_shared(value, attributes):
                return True
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return any(_draws(function, part) for part in inner)


def _is_attribute(step: dis.Instruction) -> bool:
    return step.opname in {"LOAD_ATTR", "LOAD_METHOD"}


def _is_shared(value: Any, attributes: list[str]) -> bool:
    if isinstance(value, ModuleType):
        path = [*value.__name__.split("."), *attributes]
        library, last = path[0], path[-1]
        if library not in _LIBRARIES or last in _OWN:
            return False
        return "random" in path or any(name.startswith("rand") for name in attributes)
    # ``from random import shuffle``, ``from numpy.random import rand``.
    owner = getattr(value, "__self__", None)
    shared = cast("Any", random)._inst, cast("Any", np.random.mtrand)._rand
    return owner is not None and any(owner is one for one in shared)
