import pytest

from tests.workers.growth import is_linear
from workers.observatory.page import read_page


def scripts(html: str) -> list[dict[str, str]]:
    return [dict(script) for script in read_page(html).scripts]


@pytest.mark.parametrize(
    ("html", "attributes"),
    [
        ("<script>", {}),
        ("<SCRIPT SRC=x>", {"src": "x"}),
        ("<script src = 'x y' async>", {"src": "x y", "async": ""}),
        ('<script src="a" src="b">', {"src": "a"}),
        ("<script/src=x/>", {"src": "x/"}),
        ("<script\n a/b=1>", {"a": "", "b": "1"}),
        ("<script =x>", {"=x": ""}),
        ("<script src=>", {"src": ""}),
        ('<script src="&#1;&#x1f;&#xFFFE;&#0;&#128;">', {"src": "\x01\x1f\ufffe\ufffd€"}),
        (f'<script src="&#{"9" * 5_000};&#x{"f" * 5_000};&#{"0" * 5_000}65;">', {"src": "\ufffd\ufffdA"}),
        ('<script src="&#47;a&amp;b&copy=1&copy;">', {"src": "/a&b&copy=1©"}),
    ],
)
def test_attributes(html: str, attributes: dict[str, str]) -> None:
    assert scripts(html) == [attributes]


@pytest.mark.parametrize(
    "html",
    [
        "<script",
        "<script src='x",
        "<!-- <script> -->",
        "<!--><!--<script>",
        "<title><script></title>",
        "<textarea><script>",
        "<style></styl><script></style>",
        "<plaintext></plaintext><script>",
        "<![CDATA[ <script> ]]>",
        "<!x <script>",
        "<?x <script>",
        "</x <script>",
        "< script>",
        "<scripts>",
    ],
)
def test_no_script(html: str) -> None:
    assert scripts(html) == []


@pytest.mark.parametrize(
    "html",
    [
        "<!--><script>",
        "<!-- --!><script>",
        "<<script>",
        "<title></TITLE ><script>",
        "<svg><title><script>",
        "<svg><style><script></style></svg>",
        "<div><svg></div><title></title><script>",
        "<script><script></script>",
        "<noscript><script></noscript>",
    ],
)
def test_one_script(html: str) -> None:
    assert len(scripts(html)) == 1


def test_text_in_svg_ends_with_it() -> None:
    assert scripts("<svg></svg><style><script></style>") == []


def test_metas() -> None:
    assert [dict(meta) for meta in read_page('<meta name=a><p><META Content="b">').metas] == [
        {"name": "a"},
        {"content": "b"},
    ]


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<a ", "<a b='", "</", "<svg>", "</div>", "<script>", "<a/", "&"]
)
def test_a_hostile_page_takes_linear_time(piece: str) -> None:
    assert is_linear(lambda size: read_page(piece * size), 100_000)
