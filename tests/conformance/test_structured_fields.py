"""structured-field-tests (RFC 9651's own) through `workers.syntax.structured_fields`."""

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import http_sf
import pytest

from tests.conformance.cases import folder
from workers.syntax.structured_fields import InvalidStructuredField, parse


def cases() -> list[Any]:
    files = sorted((folder() / "structured-field-tests").glob("*.json"))
    return [(path.stem, case) for path in files for case in json.loads(path.read_text())]


def plain(value: Any) -> Any:
    """Our values in the test suite's JSON: [bare item, parameters], inner lists, dictionaries as pairs."""
    match value:
        case tuple((list() as members, parameters)):
            return [[plain(member) for member in members], pairs(parameters)]
        case tuple((bare, parameters)):
            return [bare_item(bare), pairs(parameters)]
        case list():
            return [plain(member) for member in value]
        case dict():
            return [[key, plain(member)] for key, member in value.items()]
    return [bare_item(value), []]


def pairs(parameters: dict[str, Any]) -> list[list[Any]]:
    return [[key, bare_item(value)] for key, value in parameters.items()]


def bare_item(value: Any) -> Any:
    match value:
        case http_sf.Token():
            return {"__type": "token", "value": str(value)}
        case http_sf.DisplayString():
            return {"__type": "displaystring", "value": str(value)}
        case bytes():
            return {"__type": "binary", "value": base64.b32encode(value).decode()}
        case datetime():
            return {"__type": "date", "value": int(value.astimezone(UTC).timestamp())}
        case Decimal():
            return float(value)
    return value


def test_every_case_parses_as_the_suite_says() -> None:
    judged = 0
    for origin, case in cases():
        text = ", ".join(case["raw"])
        where = f"{origin}: {case['name']}"
        try:
            got = plain(parse(text, case["header_type"]))
        except InvalidStructuredField:
            assert case.get("must_fail") or case.get("can_fail"), where
        else:
            assert not case.get("must_fail"), where
            assert got == case["expected"], where
        judged += 1
    assert judged > 1_500


def test_text_beyond_latin_1_is_refused_not_crashed_on() -> None:
    with pytest.raises(InvalidStructuredField):
        parse("\u20ac", "item")
