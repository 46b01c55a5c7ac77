"""Sites to grade: an https page with nothing remarkable but for what a test names."""

from typing import Any

from workers.observatory import NO_ANSWER, NOT_GATHERED, Evidence, HttpEntry, HttpsAnswer, Step
from workers.syntax.outline import with_outline

URL = "https://site.example.com/"
HTML = ("Content-Type", "text/html")


def gathered(*headers: tuple[str, str], **more: Any) -> Evidence:
    """All was asked for: port 80 redirects to https, there is no body, and no preflight was answered."""
    url = more.pop("url", URL)
    evidence = {
        "https": HttpsAnswer(headers),
        "http_entry": HttpEntry((Step("http://site.example.com/", 301), Step(url, 200))),
        "preflight": NO_ANSWER,
        "body": "",
    }
    return Evidence(
        url=url, status=more.pop("status", 200), headers=with_outline(headers), **(evidence | more)
    )


def headers_only(*headers: tuple[str, str], **more: Any) -> Evidence:
    """What `--depth headers` gathers of an https URL."""
    return gathered(
        *headers, **({"http_entry": NOT_GATHERED, "preflight": NOT_GATHERED, "body": NOT_GATHERED} | more)
    )
