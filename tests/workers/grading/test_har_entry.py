"""An entry of a HAR: what browsers and proxies write where the response is not a whole one."""

from typing import Any

import pytest

from tests.workers.grading.graded import entry, grade


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (None, ""),
        ({"status": 0, "headers": []}, ""),
        ({"status": 0, "_error": "net::ERR_FAILED"}, ": net::ERR_FAILED"),
        ({"status": -1, "headers": []}, ""),
        ({"status": -1, "_failureText": "net::ERR_EMPTY_RESPONSE"}, ": net::ERR_EMPTY_RESPONSE"),
        ({"status": -1, "_failureText": "csp"}, ": csp"),
    ],
)
def test_a_request_without_a_response_was_closed(response: dict[str, Any] | None, why: str) -> None:
    """Chromium and Firefox write a status of 0, Playwright one of -1."""
    record = grade("entry", entry(response))
    assert record["url"] == "https://a.example/"
    assert record["error"]["code"] == "connection_closed"
    assert record["error"]["message"] == f"entry 7: the HAR has no response to this request{why}"


@pytest.mark.parametrize("status", [1, 99, 1000, -2])
def test_a_status_that_is_none_is_malformed(status: int) -> None:
    record = grade("entry", entry({"status": status}))
    message = f"entry 7: expected a status from 100 to 999, got {status}"
    assert record["error"] == {"code": "response_malformed", "stage": "exchange", "message": message}


@pytest.mark.parametrize("response", [{"status": 200}, {"status": 200, "statusText": None, "headers": None}])
def test_null_is_what_is_absent(response: dict[str, Any]) -> None:
    (hop,) = grade("entry", entry(response))["hops"]
    assert (hop["status"], hop["reason"], hop["headers"]) == (200, "", [])


def test_a_header_without_a_value_is_empty() -> None:
    headers = [{"name": "a"}, {"name": "b", "value": None}, {"name": "c", "value": ""}]
    (hop,) = grade("entry", entry({"status": 200, "headers": headers}))["hops"]
    assert hop["headers"] == [["a", ""], ["b", ""], ["c", ""]]


@pytest.mark.parametrize("header", [{"value": "x"}, {"name": None, "value": "x"}])
def test_a_header_without_a_name_is_malformed(header: dict[str, Any]) -> None:
    record = grade("entry", entry({"status": 200, "headers": [header]}))
    assert record["url"] == "https://a.example/"
    assert record["error"]["code"] == "response_malformed"
    assert record["error"]["message"].startswith("entry 7: expected an entry of HAR 1.2: ")
    assert "`$.response.headers[0]" in record["error"]["message"]


def test_a_request_without_a_method_is_shown_without() -> None:
    given = {**entry({"status": 200}), "request": {"method": None, "url": "https://a.example/"}}
    assert grade("entry", given)["hops"][0]["method"] == ""


@pytest.mark.parametrize("status", [100, 102, 103, 199])
def test_an_interim_response_is_not_the_response(status: int) -> None:
    """mitmproxy keeps a 103 as the entry's response where the final one did not come."""
    link = [{"name": "Link", "value": "</a.css>; rel=preload"}]
    record = grade("entry", entry({"status": status, "headers": link}))
    assert (record["status"], record["hops"]) == (None, [])
    message = f"entry 7: the HAR has no response to this request but the interim {status}"
    assert record["error"] == {"code": "connection_closed", "stage": "exchange", "message": message}


def test_a_101_is_a_response() -> None:
    assert grade("entry", entry({"status": 101}))["status"] == 101
