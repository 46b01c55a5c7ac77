"""How a webhook is signed, as Standard Webhooks 1.0.0 has it (HMAC-SHA256, scheme `v1`).

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from service.model import RequestField

PREFIX: Final = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64  # of a secret: the specification's bounds


def read_secret(text: str) -> bytes:
    """The key in `whsec_…`. Raises ValueError, without the secret in it, where there is none."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"expected {PREFIX} and {LEAST_BYTES} to {MOST_BYTES} bytes in base64")
    return key


def sign(keys: Sequence[bytes], id_: str, timestamp: int, body: bytes) -> tuple[RequestField, ...]:
    """The fields that go with the body: a signature by each key, so that a secret can be replaced by another
    while receivers still know the old one only. `id_` has no full stop in it."""
    signed = b"%b.%d.%b" % (id_.encode(), timestamp, body)
    digests = (hmac.digest(key, signed, hashlib.sha256) for key in keys)
    signatures = " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
    return ("webhook-id", id_), ("webhook-timestamp", str(timestamp)), ("webhook-signature", signatures)
