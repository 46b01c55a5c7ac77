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
