"""What is sent for Authorization, and that none of it is shown."""

from pathlib import Path

import pytest

from service.probe.credentials import FILE_LIMIT_BYTES, read_secret_file
from service.probe.document import show
from service.probe.modules import load_modules


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("basic_auth: {username: a, password: 'b:c'}", "Basic YTpiOmM="),
        ("basic_auth: {username: \u00e9, password: \u20ac}", "Basic w6k64oKs"),
        ("basic_auth: {username: a}", "Basic YTo="),
        ("basic_auth: {username: a, password_file: FILE}", "Basic YTpzZWNyZXQ="),
        ("authorization: {credentials: secret}", "Bearer secret"),
        ("authorization: {type: Token, credentials_file: FILE}", "Token secret"),
        ("bearer_token: secret", "Bearer secret"),
        ("bearer_token_file: FILE", "Bearer secret"),
        ("headers: {Authorization: Digest secret}", "Digest secret"),
    ],
)
def test_each_way_to_write_it_is_one_header(written: str, sent: str, tmp_path: Path) -> None:
    secret, file = tmp_path / "secret", tmp_path / "modules.yml"
    secret.write_text("secret\n")
    text = f"modules: {{a: {{prober: http, http: {{{written.replace('FILE', str(secret))}}}}}}}"
    file.write_text(text, encoding="utf-8")
    module = load_modules(file)["a"]
    assert module.http.fields == (("Authorization", sent),)
    shown = str(show(module))
    assert "********" in shown or "password" not in written
    assert not any(part in shown for part in ("secret", "b:c", "\u20ac"))


@pytest.mark.parametrize("content", [b"", b" \n", b"x" * (FILE_LIMIT_BYTES + 1), b"\xff"])
def test_a_file_that_holds_no_secret_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=str(file)):
        read_secret_file(str(file))


def test_a_byte_order_mark_is_no_part_of_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("secret\n", encoding="utf-8-sig")
    assert read_secret_file(str(file)) == "secret"
