"""What equal responses share is found once, by whatever a look asked for; what it read is read again."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import pytest

from workers import alike
from workers.alike import Alike
from workers.response import Response
from workers.syntax.head import Field

HOSTS = ("https://a.example/", "https://b.example/", "https://192.0.2.1/")
Found = tuple[Hashable, ...]


def sent(url: str = HOSTS[0], *fields: Field) -> Response:
    return Response(url=url, status=200, fields=(*fields, ("Date", "now")), at_s=1.7e9)


def host(response: Response) -> str:
    return response.host


def is_address(response: Response) -> bool:
    return response.url.startswith("https://1")


@dataclass(frozen=True)
class Begins:
    """A question with a parameter: two that ask for the same are one."""

    text: str

    def __call__(self, response: Response) -> bool:
        return response.url.startswith(self.text)


class Draft:
    """What was found, with what is found anew put into the places that are None."""

    def __init__(self, found: Sequence[Found | None]) -> None:
        self.found = found

    def finish(self, anew: Sequence[Found]) -> list[Found]:
        added = iter(anew)
        whole = [next(added) if found is None else found for found in self.found]
        assert list(added) == []
        return whole


class Looks:
    """Looks that count how often they were taken, and of how many drafts their results became part."""

    def __init__(self, *looks: Callable[[Response], Hashable]) -> None:
        self.taken: list[int] = []
        self.drafts = 0
        self._looks = [self._counted(place, look) for place, look in enumerate(looks)]
        self.alike = Alike(lambda *_: self._looks, self._draft, lambda whole: len(repr(whole)))

    def judge(self, response: Response, selection: str = "all") -> list[Hashable]:
        self.taken.clear()
        return [result[0] for result in self.alike.judge(selection, response)]

    def _counted(self, place: int, look: Callable[[Response], Hashable]) -> Callable[[Response], Found]:
        def counted(response: Response) -> Found:
            self.taken.append(place)
            return (look(response),)

        return counted

    def _draft(self, found: list[Found | None]) -> Draft:
        self.drafts += 1
        return Draft(found)


def test_what_depends_on_the_likeness_alone_is_found_once() -> None:
    looks = Looks(lambda response: response.status, lambda response: response.values("A"))
    assert looks.judge(sent(HOSTS[0], ("A", "1"))) == [200, ("1",)]
    assert looks.judge(sent(HOSTS[1], ("A", "1"))) == [200, ("1",)]
    assert (looks.taken, looks.drafts) == ([], 1)


@pytest.mark.parametrize("fields", [(("A", "2"),), (("a", "1"),), (("A", "1"), ("A", "1")), ()])
def test_other_values_names_and_numbers_of_fields_are_no_likeness(fields: tuple[Field, ...]) -> None:
    looks = Looks(lambda response: response.values("A"))
    looks.judge(sent(HOSTS[0], ("A", "1")))
    assert looks.judge(sent(HOSTS[0], *fields)) == [tuple(value for _, value in fields)]
    assert looks.taken == [0]


def test_what_asked_is_found_again_where_the_answer_is_the_same() -> None:
    looks = Looks(lambda response: f"an address: {response.ask(is_address)}")
    assert looks.judge(sent(HOSTS[0])) == looks.judge(sent(HOSTS[1])) == ["an address: False"]
    assert looks.taken == []
    assert looks.judge(sent(HOSTS[2])) == ["an address: True"]
    assert looks.taken == [0]
    assert looks.judge(sent(HOSTS[2])) == ["an address: True"]
    assert (looks.taken, looks.drafts) == ([], 2)


def test_which_looks_are_taken_may_hang_on_an_answer_that_no_look_asks_for() -> None:
    """Though the questions of those that were kept have read something before it is asked for."""

    def looks_of(_: str, response: Response) -> list[Callable[[Response], Found]]:
        return [first, second] if response.ask(Begins("https://b2")) else [first]

    def first(response: Response) -> Found:
        return (response.ask(Begins("https://a")),)

    def second(_: Response) -> Found:
        return ("the second",)

    alike: Alike[Response, list[Found]] = Alike(looks_of, Draft, lambda whole: len(repr(whole)))
    assert alike.judge("all", sent("https://a.example/")) == [(True,)]
    assert alike.judge("all", sent("https://b.example/")) == [(False,)]
    assert alike.judge("all", sent("https://b2.example/")) == [(False,), ("the second",)]


def test_what_is_asked_next_may_hang_on_an_answer() -> None:
    def look(response: Response) -> Hashable:
        if response.ask(is_address):
            return response.ask(Begins("https://192"))
        return response.ask(Begins("https://a")), response.ask(Begins("https://b"))

    looks = Looks(look)
    expected = {HOSTS[0]: (True, False), HOSTS[1]: (False, True), HOSTS[2]: True}
    for url in (*HOSTS, *HOSTS):
        assert looks.judge(sent(url)) == [expected[url]]
    assert looks.drafts == 3


def test_what_is_asked_before_reading_is_asked_of_all_and_what_is_asked_behind_it_of_none() -> None:
    def look(response: Response) -> Hashable:
        if response.ask(is_address):
            return "an address"
        url = response.url
        return url[:9], response.ask(Begins("https://b"))

    looks = Looks(look)
    expected = {HOSTS[0]: ("https://a", False), HOSTS[1]: ("https://b", True), HOSTS[2]: "an address"}
    taken = {HOSTS[0]: [0], HOSTS[1]: [0], HOSTS[2]: []}  # the first two read, whoever came between
    for url in HOSTS:
        assert looks.judge(sent(url)) == [expected[url]]
    for url in (*HOSTS, *reversed(HOSTS), *HOSTS):
        assert looks.judge(sent(url)) == [expected[url]]
        assert looks.taken == taken[url]
    assert looks.drafts == 2


def test_what_read_is_taken_again_and_what_it_finds_put_into_the_draft() -> None:
    looks = Looks(lambda response: response.status, lambda response: response.url[:9])
    assert looks.judge(sent(HOSTS[0])) == [200, "https://a"]
    assert looks.judge(sent(HOSTS[0])) == [200, "https://a"]
    assert (looks.taken, looks.drafts) == ([1], 1)
    assert looks.judge(sent(HOSTS[1])) == [200, "https://b"]
    assert (looks.taken, looks.drafts) == ([1], 1)


def test_a_selection_has_its_own() -> None:
    looks = Looks(lambda response: response.status)
    looks.judge(sent(), "all")
    looks.judge(sent(), "some")
    assert looks.taken == [0]


def test_a_look_that_raises_leaves_nothing_behind() -> None:
    def look(response: Response) -> Hashable:
        if not response.ask(is_address):
            raise ZeroDivisionError
        return "found"

    looks = Looks(look)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            looks.judge(sent(HOSTS[0]))
        assert looks.taken == [0]
    assert looks.judge(sent(HOSTS[2])) == ["found"]


def test_all_that_is_kept_is_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "KEPT_OCTETS", 10 * 2 * 100)
    looks = Looks(lambda response: response.values("A")[0].ljust(94))
    for number in range(50):
        looks.judge(sent(HOSTS[0], ("A", f"{number}")))
    for number, taken in ((45, []), (5, [0]), (49, [])):
        looks.judge(sent(HOSTS[0], ("A", f"{number}")))
        assert looks.taken == taken


def test_one_likeness_does_not_push_out_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "KEPT_OF_ONE", 5)
    looks = Looks(lambda response: response.ask(host))
    looks.judge(sent(HOSTS[0], ("A", "1")))
    for number in range(52):
        assert looks.judge(sent(f"https://{number}.example/")) == [f"{number}.example"]
    for url, taken in (("51", []), ("3", [0])):
        assert looks.judge(sent(f"https://{url}.example/")) == [f"{url}.example"]
        assert looks.taken == taken
    assert looks.judge(sent(HOSTS[0], ("A", "1"))) == ["a.example"]
    assert looks.taken == []


def test_what_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "LARGEST", 10)
    looks = Looks(lambda response: "x" * 20)
    looks.judge(sent())
    looks.judge(sent())
    assert looks.taken == [0]


def test_it_can_forget() -> None:
    looks = Looks(lambda response: response.status)
    looks.judge(sent())
    looks.alike.forget()
    looks.judge(sent())
    assert looks.taken == [0]
