"""Whether a text is a HAR, by the members of its first object."""

import json

import pytest

from service.grading.top_object import Top, read_top
from tests.workers.growth import is_linear


@pytest.mark.parametrize(
    ("text", "top"),
    [
        ('{"log":{', Top.HAR),
        (' {\n "log" : {"entries": []}}', Top.HAR),
        ('{"comment": "x", "log": {}}', Top.HAR),
        ('{"comment":\n"x",\n"_of": {"log": [1, {"a": "}\\""}]},\n"log":\n{', Top.HAR),
        ('{"a": -1.5e3, "b": null, "c": [], "log": {', Top.HAR),
        ('{"log": 1}', Top.OTHER),
        ('{"log": []}', Top.OTHER),
        ('{"a": "log", "b": {}}', Top.OTHER),
        ('{"a": {"log": {}}}', Top.OTHER),
        ('{"a": "\\"log\\": {"}', Top.OTHER),
        ('{"url": "x", "log": {}}', Top.OTHER),
        ('{"schema": 1, "log": {}}', Top.OTHER),
        ('{"a": 1}\n{"log": {}}', Top.OTHER),
        ('{\n{"log": {}}', Top.OTHER),
        ('{"a": [\n{"b": 1}\n{"log": {}}', Top.OTHER),
        ('{"a": 1,\n{"log": {}}', Top.OTHER),
        ('{"a": "x\n{"log": {}}', Top.OTHER),
        ('{"a" "log": {}}', Top.OTHER),
        ("[", Top.OTHER),
        ('# c\n{"log": {}}', Top.OTHER),
        ("", Top.OPEN),
        ("{", Top.OPEN),
        ('{"a": {"b": 1}', Top.OPEN),
        ('{"a": "x', Top.OPEN),
        ('{"a": "x\\', Top.OPEN),
        ('{"log', Top.OPEN),
        ('{"log": ', Top.OPEN),
    ],
)
def test_a_har_is_an_object_with_a_log(text: str, top: Top) -> None:
    assert read_top(text.encode()) is top


def test_it_is_known_at_any_cut_or_not_yet() -> None:
    har = {"comment": 'a "{[\\ ☃', "_x": [1, None, {"log": {}}], "log": {"entries": []}}
    text = json.dumps(har, indent=1, ensure_ascii=False).encode()
    tops = [read_top(text[:end]) for end in range(len(text) + 1)]
    begun = tops.index(Top.HAR)
    assert set(tops[:begun]) == {Top.OPEN}
    assert set(tops[begun:]) == {Top.HAR}


@pytest.mark.parametrize("text", ['{"a":', "[", '"\\"', '{"a": 1,', '{"a": "x', "x"])
def test_reading_takes_linear_time(text: str) -> None:
    assert is_linear(lambda size: read_top(b'{"a": ' + text.encode() * size), 100_000)
