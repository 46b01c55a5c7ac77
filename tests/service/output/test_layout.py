"""The page: wrapped between words, labelled, and safe."""

from rich.text import Text

from service.output.layout import GLUE, Page, plain


def lines_of(page: Page) -> list[str]:
    return page.render().decode().splitlines()


def test_text_is_broken_between_words_and_hangs_below_its_beginning() -> None:
    page = Page(28, colour=False)
    page.add(Text("one two three four five"), 2, label=Text("see"), hang=6)
    assert lines_of(page) == ["  see   one two three four", "        five"]


def test_a_word_longer_than_the_line_is_left_whole() -> None:
    page = Page(24, colour=False)
    page.add(Text(f"see {'x' * 40} there"), 2)
    assert lines_of(page) == ["  see", f"  {'x' * 40}", "  there"]


def test_nothing_breaks_at_glue() -> None:
    page = Page(22, colour=False)
    page.add(Text(f"it took all of the 5{GLUE}ms"))
    assert lines_of(page) == ["it took all of the", "5 ms"]


def test_what_others_say_can_be_neither_markup_nor_glue() -> None:
    page = Page(80, colour=False)
    page.add(plain(f"[bold]a{GLUE}b\x1b"))
    assert lines_of(page) == [r"[bold]a\ue000b\x1b"]


def test_wide_characters_count_twice() -> None:
    page = Page(24, colour=False)
    page.add(plain("八個字八個字八個 字八個字"))
    assert lines_of(page) == ["八個字八個字八個", "字八個字"]


def test_an_empty_text_is_an_empty_line() -> None:
    page = Page(24, colour=False)
    page.add(plain(""), 2)
    page.skip()
    assert lines_of(page) == ["", ""]
