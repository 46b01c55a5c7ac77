"""Reading the body: every fault at its place, in one answer."""

import io
import json

import pytest

from service.api.inspection_request import FAULTS_LIMIT, read_json, read_text
from service.api.problems import Problem
from service.inspection.fetch import FetchOptions
from service.inspection.source import FileSource
from service.model import Target
from service.settings import Settings

SETTINGS = Settings(workers=1)
BASE = FetchOptions()


def refusal(body: object) -> Problem:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(Problem) as caught:
        read_json(data, SETTINGS, BASE)
    return caught.value


def places(body: object) -> list[str | None]:
    return [fault.pointer for fault in refusal(body).faults]


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (b"", "line 1, column 0"),
        (b'{"urls": [\n1,]}', "line 2, column 3"),
        (b'{"urls": ["\xff"]}', "line 1, column 12"),
        (b'{"urls": [NaN]}', "line 1, column 11"),
        (b'{"urls": ["\\ud800"]}', "line 1, column 18"),
        (b"[" * 10_000, "line 1, column 202"),
        (b'{"urls": []} {}', "line 1, column 14"),
    ],
)
def test_what_is_no_json_is_told_with_its_position(body: bytes, position: str) -> None:
    problem = refusal(body)
    assert problem.status == 400
    assert [fault.location for fault in problem.faults] == [position]


def test_every_place_that_is_wrong_is_named_at_once() -> None:
    body = {
        "urls": ["a", 3, None, ["b"]],
        "options": {
            "timeout": "5",
            "method": "put",
            "headers": ["X: 1", "no colon", 4],
            "max_redirects": -1,
            "checks": ["nope"],
            "allow_net": ["0.0.0.0/0"],
            "insecure": True,
            "resolver": "192.0.2.1",
        },
        "a/b~c": 1,
    }
    problem = refusal(body)
    assert problem.status == 422
    assert sorted(str(fault.pointer) for fault in problem.faults) == [
        "/a~1b~0c",
        "/options/allow_net",
        "/options/checks/0",
        "/options/headers/1",
        "/options/headers/2",
        "/options/insecure",
        "/options/max_redirects",
        "/options/method",
        "/options/resolver",
        "/options/timeout",
        "/urls/1",
        "/urls/2",
        "/urls/3",
    ]
    assert all(fault.detail for fault in problem.faults)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], [""]),
        ("x", [""]),
        ({}, ["/urls"]),
        ({"urls": []}, ["/urls"]),
        ({"urls": "x"}, ["/urls"]),
        ({"urls": ["x"], "options": None}, ["/options"]),
        ({"urls": ["x"], "options": {"timeout": True}}, ["/options/timeout"]),
        ({"urls": ["x"], "options": {"timeout": 15.1}}, ["/options/timeout"]),
        ({"urls": ["x"], "options": {"timeout": 0}}, ["/options/timeout"]),
        ({"urls": ["x"], "options": {"max_redirects": 11}}, ["/options/max_redirects"]),
        ({"urls": ["x"], "options": {"max_redirects": 1.5}}, ["/options/max_redirects"]),
        ({"urls": ["x"], "options": {"headers": 4}}, ["/options/headers"]),
        ({"urls": ["x"], "options": {"headers": {"A": "1\r\nB: 2"}}}, ["/options/headers/A"]),
        ({"urls": ["x"], "options": {"headers": {"A b": "1"}}}, ["/options/headers/A b"]),
        ({"urls": ["x"], "options": {"headers": {"Host": "h"}}}, ["/options/headers/Host"]),
        ({"urls": ["x"], "options": {"headers": ["A: 1"] * 33}}, ["/options/headers"]),
        ({"urls": ["x"], "options": {"checks": []}}, ["/options/checks"]),
        ({"urls": ["x"], "options": {"checks": "nope"}}, ["/options/checks"]),
        ({"urls": ["x"], "options": {"checks": ["none", "all"]}}, ["/options/checks"]),
    ],
)
def test_a_fault_points_at_its_place(body: object, expected: list[str]) -> None:
    assert places(body) == expected


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ([], "expected an object, got an array"),
        ("x", 'expected an object, got "x"'),
        ({}, "expected this member, got none"),
        ({"urls": {}}, "expected an array, got an object"),
        ({"urls": []}, "expected at least 1 URL, got none"),
        ({"urls": [None]}, "expected a string, got null"),
        ({"urls": ["x"], "more": 1}, "there is no such member"),
        ({"urls": ["x"], "options": None}, "expected an object, got null"),
        ({"urls": ["x"], "options": {"timeout": "5"}}, 'expected a number, got "5"'),
        ({"urls": ["x"], "options": {"timeout": True}}, "expected a number, got true"),
        ({"urls": ["x"], "options": {"timeout": 0}}, "expected more than 0, got 0"),
        ({"urls": ["x"], "options": {"method": "put"}}, "expected 'auto', 'head' or 'get', got \"put\""),
        ({"urls": ["x"], "options": {"max_redirects": -1}}, "expected at least 0, got -1"),
        ({"urls": ["x"], "options": {"max_redirects": 1.5}}, "expected a whole number, got 1.5"),
        ({"urls": ["x"], "options": {"max_redirects": []}}, "expected a whole number, got an array"),
        (
            {"urls": ["x"], "options": {"headers": 4}},
            "expected a list of 'Name: value' or an object of names and values, got a number",
        ),
        ({"urls": ["x"], "options": {"headers": [4]}}, "expected a string, got a number"),
        ({"urls": ["x"], "options": {"headers": {"A": None}}}, "expected a string, got null"),
        (
            {"urls": ["x"], "options": {"headers": ["A: 1"] * 33}},
            "expected at most 32 header fields, got 33",
        ),
        (
            {"urls": ["x"], "options": {"headers": {f"A{n}": "1" for n in range(33)}}},
            "expected at most 32 header fields, got 33",
        ),
        (
            {"urls": ["x"], "options": {"headers": ["A: " + "1" * 8_192]}},
            "expected at most 8192 characters, got a string",
        ),
        ({"urls": ["x"], "options": {"checks": []}}, "expected at least 1 check id, got none"),
        (
            {"urls": ["x"], "options": {"checks": 4}},
            "expected 'all', 'none', or check ids, in a list or with commas between, got 4",
        ),
    ],
)
def test_a_fault_tells_what_was_expected_and_what_came(body: object, detail: str) -> None:
    assert [fault.detail for fault in refusal(body).faults] == [detail]


def test_numbers_of_any_size_are_told() -> None:
    for digits in (b"1" * 4_000, b"1e400", b"-1e400"):
        for name in (b"timeout", b"max_redirects"):
            problem = refusal(b'{"urls": ["x"], "options": {"%b": %b}}' % (name, digits))
            assert problem.status == 422
            assert [len(fault.detail) < 200 for fault in problem.faults] == [True]
            assert "another value" not in problem.faults[0].detail
    assert refusal(b'{"urls": ["x"], "options": {"timeout": %b}}' % (b"1" * 5_000)).status == 400


def test_a_member_that_is_given_twice_is_refused_since_either_might_be_meant() -> None:
    problem = refusal(
        b'{"urls": ["x"], "options": {"timeout": 1, "headers": {"a/b": "1", "a/b": "2"}, "timeout": 2,'
        b' "timeout": 3}, "urls": ["y"]}'
    )
    assert problem.status == 422
    assert [(fault.pointer, fault.detail) for fault in problem.faults][:3] == [
        ("/urls", "expected this member once, got it 2 times"),
        ("/options/timeout", "expected this member once, got it 3 times"),
        ("/options/headers/a~1b", "expected this member once, got it 2 times"),
    ]


def test_one_that_is_spelt_twice_is_given_twice() -> None:
    assert places(b'{"urls": ["x"], "\\u0075rls": ["y"]}') == ["/urls"]


def test_a_daemon_that_only_records_says_so() -> None:
    body = json.dumps({"urls": ["x"], "options": {"checks": "all"}}).encode()
    with pytest.raises(Problem) as caught:
        read_json(body, Settings(workers=1, checks="none"), BASE)
    assert "records and does not judge" in caught.value.faults[0].detail


def test_a_header_that_is_refused_is_not_repeated_as_a_value() -> None:
    (fault,) = refusal({"urls": ["x"], "options": {"headers": {"Cookie": 12345}}}).faults
    assert "12345" not in fault.detail


def test_many_faults_are_counted_and_cut() -> None:
    problem = refusal({"urls": ["x"]} | {f"member {number}": 1 for number in range(FAULTS_LIMIT + 5)})
    assert len(problem.faults) == FAULTS_LIMIT
    assert problem.detail.startswith(f"{FAULTS_LIMIT + 5} faults")
    assert "5 more" in problem.detail


def test_the_number_of_urls_is_judged_before_each_of_them() -> None:
    assert refusal({"urls": [1] * 101}).status == 413


def test_a_line_that_is_not_utf_8_is_a_target_with_its_fault() -> None:
    asked = read_text(b"http://a/\n# \xff\n\xff\r\nhttp://\xe9/", SETTINGS, BASE)
    assert asked.targets == [
        Target(1, "http://a/"),
        Target(2, "\\xff", "line 3, byte 14: expected UTF-8, got the byte 0xff"),
        Target(3, "http://\\xe9/", "line 4, byte 24: expected UTF-8, got the byte 0xe9"),
    ]


async def test_a_body_of_text_is_read_as_batch_reads_a_file() -> None:
    body = b"\xef\xbb\xbfhttp://\xe9/\n\n \xff\r\n#\xfe\nhttp://\xe9/\n\thttp://b/"
    source = FileSource(io.BufferedReader(io.BytesIO(body)), "list")  # type: ignore[arg-type]
    read = [target for _ in range(4) if (target := await source.next()) is not None]
    assert read_text(body, SETTINGS, BASE).targets == read


def test_text_in_utf_16_is_refused_as_a_whole() -> None:
    with pytest.raises(Problem) as caught:
        read_text("http://a/\n".encode("utf-16"), SETTINGS, BASE)
    assert caught.value.status == 400
    assert caught.value.detail == "expected UTF-8 text, got UTF-16"


def test_text_without_a_url_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        read_text(b"# nothing\n\n", SETTINGS, BASE)
    assert caught.value.status == 422


def test_a_whole_number_may_be_written_with_a_fraction_of_nothing() -> None:
    body = json.dumps({"urls": ["x"], "options": {"max_redirects": 2.0}}).encode()
    assert read_json(body, SETTINGS, BASE).options.max_redirects == 2
