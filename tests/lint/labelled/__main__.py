"""Print the verdicts on the labelled pipelines."""

from __future__ import annotations

import sys


def main() -> None:
    import tensorflow as tf

    from tests.lint.labelled.cases import CASES
    from tests.lint.labelled.judge import judge, told

    words = sys.argv[1:]
    chosen = [case for case in CASES if not words or any(word in case.name for word in words)]
    print(told(judge(case, tf) for case in chosen))  # noqa: T201


if __name__ == "__main__":
    main()
