"""What the feeds state of themselves: steps, arguments of the Keras call, versions, leaves."""

from __future__ import annotations

import numpy as np

from twinfeed._core.finding import Finding
from twinfeed._core.trace import Trace
from twinfeed.diff import Twins
from twinfeed.repro._scene import Scene

_LINES = """\
from difflib import unified_diff
print(*unified_diff(a.tolist(), b.tolist(), "A", "B", lineterm="", n=99), sep="\\n")
"""


def stated(twins: Twins, finding: Finding) -> Scene:
    """Both sides line by line, of which ``difflib`` marks what differs."""
    about = _versions if finding.code.startswith("ENV") else _feed
    a, b = (np.array(about(trace), dtype=str) for trace in (twins.left, twins.right))
    return Scene("What each side states of itself.", {"a": a, "b": b}, _LINES)


def _versions(trace: Trace) -> list[str]:
    return [f"{name} {version}" for name, version in sorted(trace.environment.items())]


def _feed(trace: Trace) -> list[str]:
    lines = [f"{leaf.path}: {leaf.dtype} {leaf.shape}" for leaf in trace.spec.leaves]
    lines += [f"{one.path} from {one.low} to {one.high}, {one.nan} NaN" for one in trace.stats]
    for step in trace.plan.steps if trace.plan else ():
        settings = ", ".join(f"{name}={value}" for name, value in sorted(step.settings.items()))
        calls = f", {step.parallel_calls} at once" if step.parallel_calls != 1 else ""
        lines.append(f"{step.kind}({settings}){', random' if step.random else ''}{calls}")
    if trace.fit is not None:
        lines.append(f"given to {trace.role}: {trace.fit.handed}")
        lines += [f"{trace.role}({name}={value})" for name, value in trace.fit.arguments.items()]
        for leaf in trace.fit.spec.leaves if trace.fit.spec else ():
            lines.append(f"handed in: {leaf.path} {leaf.dtype} {leaf.shape}")
        for one in trace.fit.model_scaling:
            lines.append(f"the model begins with {one.layer}: x * {one.scale:g} + {one.offset:g}")
    return lines
