"""Text of a HAR or a header set as a record has it: each character a byte of the wire, read as Latin-1.

What came in UTF-8 some tools decode. A character beyond U+00FF shows that one did.
"""

from collections.abc import Sequence

from workers.grading.halves import to_bytes

Fields = Sequence[tuple[str, str]]


def to_wire(text: str) -> str:
    """The bytes of the text's UTF-8 where a character is no Latin-1, else the text.

    A field value is bytes, of which those above 0x7F mean nothing of themselves (RFC 9110 section 5.5); so
    `workers.model.Hop` has them. Whether a text within Latin-1 was decoded cannot be told. One with a
    byte that is marked (`workers.grading.halves`) was: what is UTF-8 beside it is no byte each.
    """
    if text.isascii() or max(text) <= "\xff":
        return text
    return to_bytes(text).decode("latin-1")


def to_wire_fields(fields: Fields) -> tuple[tuple[str, str], ...]:
    """The same of each name and value."""
    return tuple((to_wire(name), to_wire(value)) for name, value in fields)
