"""Link: RFC 8288 section 3, values read as appendix B.3 has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.syntax.link import Link, parse_link, parse_links


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("</a>", Link("/a", {})),
        ("<>;rel=next", Link("", {"rel": "next"})),
        ('</a> ; REL = "next prev" ; crossorigin', Link("/a", {"rel": "next prev", "crossorigin": None})),
        ("</a>; as=text/css ; rel=x", Link("/a", {"as": "text/css", "rel": "x"})),
        (r'</a>; title="a \"b\""; title=c', Link("/a", {"title": 'a "b"'})),
        ("</a>;;", Link("/a", {})),
        ("</a", None),
        ("</a> x", None),
        ('</a>; rel="x', None),
    ],
)
def test_a_link_is_its_target_and_its_parameters(text: str, link: Link | None) -> None:
    assert parse_link(text) == link


def test_commas_part_links_outside_of_addresses_and_quotes() -> None:
    members = parse_links('</a,b>; title="c,d", e')
    assert [text for text, _ in members] == ['</a,b>; title="c,d"', "e"]


@given(st.text(alphabet=st.sampled_from('<>a;=", \\'), max_size=30))
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    for _, link in parse_links(text):
        if link is not None:
            assert parse_link(str(link)) == link
