"""The stack of open elements of an HTML page, kept to know one thing: whether we are inside SVG or MathML.

There `style`, `title` and their like hold markup instead of text. As `htmlparser2` 12 does it, which is an
approximation of HTML's tree construction; counts beside the stack keep it linear on hostile pages.
"""

from collections import Counter
from typing import Final

_VOID: Final = frozenset(
    {"area", "base", "basefont", "br", "col", "command", "embed", "frame", "hr", "img", "input"}
    | {"isindex", "keygen", "link", "meta", "param", "source", "track", "wbr"}
)
_FOREIGN: Final = frozenset({"math", "svg"})
_INTEGRATION_POINTS: Final = frozenset(
    {"mi", "mo", "mn", "ms", "mtext", "annotation-xml", "foreignObject", "desc", "title"}
)
_P: Final = frozenset({"p"})
_FORM_CONTROLS: Final = frozenset(["input", "option", "optgroup", "select", "button", "datalist", "textarea"])
_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "p"])
_CLOSED_BY: Final[dict[str, frozenset[str]]] = {
    "tr": frozenset({"tr", "th", "td"}),
    "th": frozenset({"th"}),
    "td": frozenset({"thead", "th", "td"}),
    "body": frozenset({"head", "link", "script"}),
    "a": frozenset({"a"}),
    "li": frozenset({"li"}),
    "option": frozenset({"option"}),
    "optgroup": frozenset({"optgroup", "option"}),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _HEADINGS),
    **dict.fromkeys(("select", "input", "output", "button", "datalist", "textarea"), _FORM_CONTROLS),
    **dict.fromkeys(("dd", "dt"), frozenset({"dd", "dt"})),
    **dict.fromkeys(("rt", "rp"), frozenset({"rt", "rp"})),
    **dict.fromkeys(("tbody", "tfoot"), frozenset({"thead", "tbody"})),
    **dict.fromkeys(("p", "address", "article", "aside", "blockquote", "details", "div", "dl"), _P),
    **dict.fromkeys(("fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "main"), _P),
    **dict.fromkeys(("nav", "ol", "pre", "section", "table", "ul"), _P),
}


class OpenElements:
    """Told of every start and end tag of a page in order."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._counts: Counter[str] = Counter()
        self._foreign: list[str] = [""]  # "svg", "math", or "" for HTML: the innermost is last

    @property
    def in_foreign_content(self) -> bool:
        return bool(self._foreign[-1])

    def open(self, tag: str) -> str:
        """A start tag, its name in lower case. Returns the name that the element has: "" for none."""
        name = self._adjust(tag)
        if name == "form" and self._counts["form"]:
            return ""
        implied = _CLOSED_BY.get(name)
        while implied and self._stack and self._stack[-1] in implied:
            self._pop()
        if name not in _VOID:
            self._stack.append(name)
            self._counts[name] += 1
            if name in _FOREIGN:
                self._foreign.append(name)
            elif name in _INTEGRATION_POINTS:
                self._foreign.append("")
        return name

    def close_itself(self, name: str) -> None:
        """The start tag just opened ended in `/>`: that means something in foreign content only."""
        if self.in_foreign_content and self._stack and self._stack[-1] == name:
            self._pop()

    def close(self, tag: str) -> None:
        """An end tag, its name in lower case: closes what is inside the element too."""
        name = self._adjust(tag)
        if not self._counts[name]:
            return
        while self._pop() != name:
            pass

    def _adjust(self, tag: str) -> str:
        """SVG spells this name in mixed case, and only so is it a way back to HTML."""
        if tag == "foreignobject":
            within = self._foreign[-1] == "svg" or (len(self._foreign) > 1 and self._counts["foreignObject"])
            return "foreignObject" if within else tag
        if tag == "image" and not self.in_foreign_content:
            return "img"
        return tag

    def _pop(self) -> str:
        name = self._stack.pop()
        self._counts[name] -= 1
        if name in _FOREIGN or name in _INTEGRATION_POINTS:
            self._foreign.pop()
        return name
