"""What was gathered, made up for tests."""

from workers.model import Exchange, Failure, Gathered, Timing

HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\nset-cookie: a=\xff\r\nSet-Cookie: b=2\r\nSpaced : 1\r\n\r\n"


def gathered(
    seq: int = 1, text: str = "http://a.test/", *, head: bytes = HEAD, checks: str = "all"
) -> Gathered:
    """A URL that was reached and answered with `head`."""
    exchange = Exchange(text, "HEAD", "192.0.2.1:80", head, None, Timing(0.1, 1.0, None, 2.0))
    return Gathered(
        seq=seq,
        input=text,
        url=text,
        exchanges=(exchange,),
        failure=None,
        started_at=1_767_225_600.0,
        elapsed_ms=3.25,
        checks=checks,
    )


def failed(seq: int = 1) -> Gathered:
    """A line that is no URL."""
    failure = Failure(code="invalid_url", stage="input", message="expected a URL")
    return Gathered(
        seq=seq,
        input="?",
        url=None,
        exchanges=(),
        failure=failure,
        started_at=1_767_225_600.0,
        elapsed_ms=0.0,
    )
