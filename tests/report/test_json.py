"""A report as JSON keeps its published schema."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from twinfeed._core.results import SCHEMA_VERSION
from twinfeed.report import schema, to_json
from twinfeed.report.json import SCHEMA_ID

sys.path.insert(0, str(Path(__file__).parent))
from sample import AUGMENTATION, FROZEN, LEDGER, RANGE, report


@pytest.fixture
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


def test_golden(golden: Callable[[str], None]) -> None:
    golden(to_json(report()))


@pytest.mark.parametrize("complete", [True, False])
def test_keeps_the_schema(validator: jsonschema.Draft202012Validator, complete: bool) -> None:
    validator.validate(json.loads(to_json(report(complete=complete))))


def test_keeps_the_schema_without_plan_and_fix(validator: jsonschema.Draft202012Validator) -> None:
    whole = report(replace(FROZEN, fix=None))
    bare = replace(whole.left, plan=None, metrics={"loss": (math.nan,)}, examples_per_s=None)
    validator.validate(json.loads(to_json(replace(whole, left=bare))))


def test_every_key_is_described() -> None:
    """A key that the schema does not know would be a promise nobody made."""
    assert list(_undescribed(json.loads(to_json(report())), schema(), "report")) == []


def test_ledger_keeps_the_schema_and_is_described(
    validator: jsonschema.Draft202012Validator,
) -> None:
    whole = json.loads(to_json(replace(report(), ledger=LEDGER)))
    validator.validate(whole)
    assert list(_undescribed(whole, schema(), "report")) == []
    assert [share["step"] for share in whole["ledger"]["shares"]] == ["values", "resize kernel"]


def test_recovered_augmentation_keeps_the_schema_and_is_described(
    validator: jsonschema.Draft202012Validator,
) -> None:
    whole = json.loads(to_json(replace(report(), augmentation=AUGMENTATION)))
    validator.validate(whole)
    assert list(_undescribed(whole, schema(), "report")) == []
    one, other = whole["augmentation"]
    assert one["parameters"][0]["low_between"] == [-15.9, -14.8]
    assert (one["relative"], other["relative"]) == (False, True)


def test_names_its_schema() -> None:
    found = json.loads(to_json(report()))
    assert found["$schema"] == schema()["$id"] == SCHEMA_ID
    assert found["schema_version"] == SCHEMA_VERSION


def test_numbers_that_json_lacks_are_words() -> None:
    evidence = json.loads(to_json(report(RANGE)))["findings"][0]["evidence"]
    assert evidence["high"] == "Infinity"
    assert evidence["mean"] == "NaN"
    assert evidence["clipped"] is False


def test_numbers_of_numpy_are_numbers() -> None:
    found = replace(
        FROZEN,
        evidence={
            "whole": np.int64(3),  # pyright: ignore[reportArgumentType]
            "part": np.float32(0.5),  # pyright: ignore[reportArgumentType]
            "true": np.bool_(True),  # pyright: ignore[reportArgumentType]
            "none": np.float64("-inf"),
        },
    )
    evidence = json.loads(to_json(report(found)))["findings"][0]["evidence"]
    assert evidence == {"whole": 3, "part": 0.5, "true": True, "none": "-Infinity"}
    assert isinstance(evidence["true"], bool)


def test_same_report_same_bytes_in_ascii() -> None:
    assert to_json(report()) == to_json(report())
    assert to_json(report()).isascii()
    assert "\x1b" not in to_json(report())


def test_keys_are_sorted() -> None:
    def check(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert [key for key, _ in pairs] == sorted(key for key, _ in pairs)
        return dict(pairs)

    json.loads(to_json(report()), object_pairs_hook=check)


def _undescribed(value: Any, described: dict[str, Any], at: str) -> Iterator[str]:
    for choice in described.get("anyOf", []):
        if "$ref" in choice and value is not None:
            described = choice
    if "$ref" in described:
        described = schema()["$defs"][described["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _undescribed(entry, described.get("items", {}), f"{at}[{index}]")
    if isinstance(value, dict) and "properties" in described:
        for key, entry in value.items():
            if "description" not in described["properties"].get(key, {}):
                yield f"{at}.{key}"
            yield from _undescribed(entry, described["properties"].get(key, {}), f"{at}.{key}")


def test_a_report_shows_itself_in_a_few_plain_lines() -> None:
    hostile = replace(FROZEN, sentence="class \x1b[31mred")
    shown = repr(replace(report(), findings=(hostile, RANGE)))
    assert shown.startswith("<Report ")
    assert "\n  error AUG202 frozen-augmentation: class ?[31mred\n" in shown
    assert shown.isprintable() or shown.count("\n") == 2
