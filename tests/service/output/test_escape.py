"""Nothing that is shown acts on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.output.escape import printable, printable_bytes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [bold]text[/bold]", "plain [bold]text[/bold]"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("tab\tand\nline", r"tab\tand\nline"),
        ("\x9b31m", r"\x9b31m"),
        ("gnp\u202etxt", r"gnp\u202etxt"),
        ("\udce9", r"\udce9"),
        ("né", "né"),
    ],
)
def test_what_is_not_printable_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_is_printable_and_can_be_encoded(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    shown.encode()


@given(st.binary())
def test_bytes_are_shown_as_printable_ascii(line: bytes) -> None:
    assert all(0x20 <= byte < 0x7F for byte in printable_bytes(line))


def test_each_byte_beyond_ascii_is_written_out() -> None:
    assert printable_bytes("né".encode()) == rb"n\xc3\xa9"
