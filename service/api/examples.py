"""Bodies as they may be, for the document. A test holds each against its schema."""

from typing import Any, Final

from service.api.cursor import write_cursor

JOB_ID: Final = "5f3a9c04d1e2b7a688c0ffee"
CURSOR: Final = write_cursor(JOB_ID, 100)

RECORD: Final[dict[str, Any]] = {
    "schema": 1,
    "seq": 1,
    "input": "example.com",
    "url": "https://example.com/",
    "outcome": "ok",
    "depth": "headers",
    "final_url": "https://example.com/",
    "status": 200,
    "hops": [
        {
            "url": "https://example.com/",
            "method": "HEAD",
            "status": 200,
            "reason": "OK",
            "http_version": "1.1",
            "address": "203.0.113.7:443",
            "headers": [["Server", "nginx"], ["Strict-Transport-Security", "max-age=300"]],
            "defects": [],
            "tls": {
                "version": "TLSv1.3",
                "cipher": "TLS_AES_256_GCM_SHA384",
                "alpn": None,
                "verified": True,
                "subject": "CN=example.com",
                "issuer": "CN=R13,O=Let's Encrypt,C=US",
                "not_after": "2027-01-01T00:00:00Z",
                "sans": ["example.com"],
                "sha256": "f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2",
            },
            "timing_ms": {"resolve": 1.2, "connect": 10.4, "tls": 22.0, "response": 30.1},
        }
    ],
    "report": {
        "gradable": True,
        "observatory": {
            "algorithm": 6,
            "grade": "B",
            "score": 70,
            "tests": {
                "content-security-policy": {"result": "csp-not-implemented", "modifier": -25, "pass": False}
            },
        },
        "findings": [
            {
                "id": "hsts-max-age-short",
                "severity": "medium",
                "field": "Strict-Transport-Security",
                "message": "max-age is 300 seconds: who visits more rarely than that is not protected.",
                "evidence": "max-age=300",
                "fix": "Strict-Transport-Security: max-age=31536000; includeSubDomains",
                "reference": "RFC 6797 section 6.1.1",
            }
        ],
        "partial": True,
    },
    "error": None,
    "attempts": 1,
    "started_at": "2026-01-01T00:00:00.000Z",
    "elapsed_ms": 64.1,
}
FAILED: Final[dict[str, Any]] = {
    "schema": 1,
    "seq": 2,
    "input": "no such url",
    "url": None,
    "outcome": "error",
    "depth": "headers",
    "final_url": None,
    "status": None,
    "hops": [],
    "report": None,
    "error": {"code": "invalid_url", "stage": "input", "message": "expected a URL, got a space in its host"},
    "attempts": 1,
    "started_at": "2026-01-01T00:00:00.000Z",
    "elapsed_ms": 0.0,
}
LINES: Final = '{"schema": 1, "seq": 1, "input": "example.com", …}\n{"schema": 1, "seq": 2, …}\n'
REQUEST: Final = {
    "urls": ["example.com", "no such url"],
    "options": {"method": "get", "headers": {"Accept-Language": "fr"}},
}
LIST: Final = "# one URL a line\nexample.com\nhttps://example.com/b\n"
LIST_LINES: Final = '{"options": {"method": "get"}}\n"example.com"\n{"url": "https://example.com/b"}\n'
CSV: Final = "seq,input,url,outcome,…\n1,example.com,https://example.com/,ok,…\n"

JOB: Final[dict[str, Any]] = {
    "id": JOB_ID,
    "state": "running",
    "priority": 5,
    "total": 1_000_000,
    "done": 12_300,
    "ok": 12_000,
    "error": 300,
    "created_at": "2026-01-01T00:00:00.000Z",
    "finished_at": None,
    "webhook": {
        "origin": "https://hooks.example.com",
        "outcome": "waiting",
        "attempts": 0,
        "status": None,
        "error": None,
        "next_attempt_at": None,
    },
}
ACCEPTED: Final = JOB | {"state": "queued", "done": 0, "ok": 0, "error": 0}
CANCELLED: Final = JOB | {"state": "cancelled", "finished_at": "2026-01-01T00:05:00.000Z"}
