import pytest

from workers.observatory.csp_policy import InvalidPolicy, parse_meta_policies, parse_policies, split_policies


def sources(*policies: str) -> dict[str, set[str]]:
    return parse_policies(list(policies)).directives


def test_names_and_sources_are_in_lower_case() -> None:
    assert sources("IMG-SRC HTTPS://A.Example") == {"img-src": {"https://a.example"}}


def test_a_source_that_begins_like_the_one_before_it_is_dropped() -> None:
    assert sources("img-src https://a https://a/b") == {"img-src": {"https://a"}}


def test_neighbours_are_those_of_icus_order_not_of_ascii() -> None:
    """In ASCII `a-b` and `a.b` stand between `a` and `a_b`; for ICU `_` comes first."""
    assert sources("img-src a_ a_b a-b") == {"img-src": {"a_", "a-b"}}


def test_two_policies_leave_what_both_allow() -> None:
    assert sources("img-src a.example b.example", "img-src b.example c.example") == {"img-src": {"b.example"}}


def test_two_policies_with_nothing_in_common_leave_nothing() -> None:
    assert sources("img-src a.example", "img-src b.example") == {"img-src": {"'none'"}}


def test_a_directory_covers_what_is_in_it() -> None:
    assert sources("img-src https://a/x/", "img-src https://a/x/y/") == {"img-src": {"https://a/x/y/"}}


def test_escapes_are_compared_decoded() -> None:
    assert sources("img-src https://a/%62", "img-src https://a/b") == {"img-src": {"https://a/b"}}


def test_a_directive_of_the_first_policy_alone_stays() -> None:
    assert sources("img-src a.example; font-src b.example", "img-src a.example")["font-src"] == {"b.example"}


def test_a_directive_of_a_later_policy_alone_allows_nothing() -> None:
    assert sources("img-src a.example", "font-src b.example")["font-src"] == {"'none'"}


def test_the_last_of_two_report_directives_counts() -> None:
    policy = parse_policies(["report-uri /a; report-uri /b"])
    assert (policy.directives, policy.repeats) == ({"report-uri": {"/b"}}, True)


@pytest.mark.parametrize(
    "policies", [[""], ["img-s"], ["img-src a; img-src a"], ["img-src %zz", "img-src a"]]
)
def test_invalid(policies: list[str]) -> None:
    with pytest.raises(InvalidPolicy):
        parse_policies(policies)


def test_no_policies_are_an_empty_policy() -> None:
    assert parse_policies([]).is_empty


def test_a_meta_may_not_say_who_frames_it() -> None:
    assert parse_meta_policies(["frame-ancestors a; sandbox; report-uri /; img-src a"]).directives == {
        "img-src": {"a"}
    }


def test_values_are_split_at_commas() -> None:
    assert split_policies(["img-src a , font-src b,", "x"]) == ["img-src a", "font-src b", "", "x"]


def test_a_directory_does_not_cover_itself() -> None:
    assert sources("img-src https://a/x/y/", "img-src https://a/x/y") == {"img-src": {"'none'"}}


def test_escapes_that_are_no_utf_8_are_invalid() -> None:
    with pytest.raises(InvalidPolicy):
        parse_policies(["img-src https://a/%ff", "img-src https://a/%ff"])


def test_letters_with_accents_stand_beside_their_base() -> None:
    assert sources("img-src e\u0301 \u00e9\u00e9 f \u00e9a") == {
        "img-src": {"e\u0301", "\u00e9a", "\u00e9\u00e9", "f"}
    }


def test_accents_count_only_where_all_letters_are_the_same() -> None:
    assert sources("img-src \xe9t\xe9 etea etez") == {"img-src": {"\xe9t\xe9", "etea", "etez"}}
    assert sources("img-src ez \xe9 \xe9z") == {"img-src": {"\xe9", "ez", "\xe9z"}}


def test_symbols_of_latin_1_stand_before_figures_and_controls_count_for_nothing() -> None:
    assert sources("img-src 1 1\xa9 \xa9 \xa91 b\x80 b b\x80a") == {"img-src": {"\xa9", "1", "b\x80", "b"}}


def test_a_directive_named_as_the_note_of_repeats_is_taken_for_it() -> None:
    policy = parse_policies(["img-src a; _Observatory_duplicate_key_warnings http:"])
    assert policy.repeats
    assert policy.directives["_observatory_duplicate_key_warnings"] == {"http:"}
    repeated = parse_policies(["report-to a; report-to b; _observatory_duplicate_key_warnings http:"])
    assert repeated.directives == {"report-to": {"b"}}
