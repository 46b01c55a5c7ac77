"""The labels of encodings, as WHATWG Encoding has them."""

import pytest

from workers.syntax.encodings import find_encoding


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("utf-8", "UTF-8"),
        (" UTF8\t", "UTF-8"),
        ("latin1", "windows-1252"),
        ("us-ascii", "windows-1252"),
        ("ISO-8859-1", "windows-1252"),
        ("iso_8859-5", "ISO-8859-5"),
        ("iso88598", "ISO-8859-8"),
        ("iso-8859-8-i", "ISO-8859-8-I"),
        ("tis-620", "windows-874"),
        ("gb2312", "GBK"),
        ("ks_c_5601-1987", "EUC-KR"),
        ("utf-16", "UTF-16LE"),
        ("hz-gb-2312", "replacement"),
        ("utf-7", None),
        ("utf-32", None),
        ("utf_8", None),  # Python knows it, browsers do not
        ("iso-8859-12", None),
        ("", None),
        ("'utf-8'", None),
    ],
)
def test_finds_what_a_label_names(label: str, name: str | None) -> None:
    assert find_encoding(label) == name
