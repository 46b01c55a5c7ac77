"""What schemathesis cannot know of the API from its description: how NDJSON is made, that a key is for
one list only, that cursors are not made up, and which modules there are. Loaded by the program
`schemathesis`, not by the tests."""

import json
import re
import secrets
from typing import Any

import schemathesis

KEY = "Idempotency-Key"
CURSOR = re.compile(r"[A-Za-z0-9_-]{12}")
OWN_KEY = re.compile(r'("?)([\x21\x23-\x7e]{1,200})[\x21\x23-\x7e]{0,55}("?)')


@schemathesis.serializer("application/x-ndjson")
def write_ndjson(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Text is lines, of a string each; anything else is a line that is none."""
    lines = value.split("\n") if isinstance(value, str) else [value]
    return "\n".join(map(json.dumps, lines)).encode()


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case, __: object) -> None:
    """A key that may be one is made this request's own: with another's body it would rightly be refused. So
    would a module that there is not, and a cursor that the daemon has not given."""
    if (case.query or {}).get("module"):
        case.query["module"] = "http_2xx"
    if CURSOR.fullmatch(str((case.query or {}).get("cursor"))):
        del case.query["cursor"]
    if CURSOR.fullmatch(str((case.headers or {}).get("Last-Event-ID"))):
        del case.headers["Last-Event-ID"]
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and (found := OWN_KEY.fullmatch(key)):
        case.headers[KEY] = f"{found[1]}{found[2]}{secrets.token_hex(8)}{found[3]}"
