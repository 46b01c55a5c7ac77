"""What was read of a value, found again in it as it was sent.

Readers put names in lower case and drop white space, as their grammars have it. Who is to see what was sent
is shown the sender's own spelling.
"""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final

from workers.syntax.parameters import split_list

SEARCHED: Final = 32_768  # characters of a value: as much as is read of the longest, which are policies
SOUGHT: Final = 512  # characters: more of a part than is shown of any
_WORD = re.compile(r"[^\t\n\f\r ]+")
_NAME = re.compile(r"[^ \t=;]*+")  # it matches always, were it the empty string


def as_sent(text: str, value: str) -> str:
    """The first part of `value` that says `text`, whatever the case of its letters, and whatever white space
    stands where `text` has a space; `text` itself where there is none."""
    if text in value:
        return text
    value, sought = value[:SEARCHED], text[:SOUGHT].lower()
    lower = value.lower()
    if len(lower) != len(value):  # as beyond Latin-1, where places in the two are not the same
        return text
    place = lower.find(sought)
    if place >= 0:
        return value[place : place + len(sought)]
    return (_across_white_space(sought, lower, value) if " " in sought else None) or text


def _across_white_space(sought: str, lower: str, value: str) -> str | None:
    """One search in the words with single spaces between, in linear time whatever repeats itself."""
    words = [(match.start(), match[0]) for match in _WORD.finditer(lower)]
    place = " ".join([word for _, word in words]).find(sought)
    if place < 0:
        return None
    starts = list(accumulate((len(word) + 1 for _, word in words), initial=0))

    def there(offset: int) -> int:
        index = bisect_right(starts, offset) - 1
        return words[index][0] + offset - starts[index]

    return value[there(place) : there(place + len(sought) - 1) + 1]


def spelt_member(name: str, text: str) -> str:
    """The last member of that name in a list that is read as a dictionary (RFC 9651 section 3.2), as it was
    sent; the name where there is none."""
    members = [member for member in split_list(text) if _NAME.match(member)[0] == name]  # type: ignore[index]
    return members[-1] if members else name
