"""Signatures of webhooks, by the examples that are published with the specification's libraries."""

import base64

import pytest

from service.signature import read_secret, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_published_message_has_its_published_signature() -> None:
    assert sign([read_secret(SECRET)], ID, TIMESTAMP, BODY) == (
        ("webhook-id", ID),
        ("webhook-timestamp", str(TIMESTAMP)),
        ("webhook-signature", SIGNATURE),
    )


def test_each_key_signs() -> None:
    *_, (_, signatures) = sign([b"x" * 32, read_secret(SECRET)], ID, TIMESTAMP, BODY)
    assert signatures.split(" ")[1] == SIGNATURE
    assert len(signatures.split(" ")) == 2


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        SECRET.removeprefix("whsec_"),
        "whsec_not base64!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ],
)
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="expected whsec_ and 24 to 64 bytes in base64") as raised:
        read_secret(secret)
    assert secret[6:] == "" or secret[6:] not in str(raised.value)
