"""Pipelines with known verdicts: the faults that each has, by reason and not by what lint says.

``python -m tests.lint.labelled`` prints what is missed and what is named in vain.
"""
