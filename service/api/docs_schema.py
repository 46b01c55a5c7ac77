"""Schemas in words, as HTML: for people who want to know what a member may be."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

SHOWN: Final = 80  # characters of a pattern: a longer one says nothing to people
Json = Mapping[str, Any]

_BOUNDS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "maxProperties": "at most {} members",
    "maxLength": "at most {} characters",
    "default": "{} where it is not given",
}


def tell_schema(schema: Json) -> str:
    """What a named schema is, with a row for each of its members."""
    told = prose(schema.get("description", ""))
    if "properties" not in schema:
        return f"{told}<p>{tell_type(schema)}</p>"
    required = set(schema.get("required", ()))
    rows = [
        (code(name), "always" if name in required else "", tell_type(member))
        for name, member in schema["properties"].items()
    ]
    return told + table(("member", "is there", "what it may be"), rows)


def tell_type(schema: Json) -> str:
    """In a few words, other schemas as links."""
    kind = _tell_kind(schema)
    bounds = [
        words.format(escape(_show(schema[key])))
        for key, words in _BOUNDS.items()
        if schema.get(key) is not None
    ]
    if len(schema.get("pattern", "")) in range(1, SHOWN):
        bounds.append(f"like {code(schema['pattern'])}")
    about = (
        f": {_inline(schema['description'])}"
        if "description" in schema and "properties" not in schema
        else ""
    )
    return ", ".join([kind, *bounds]) + about


def _tell_kind(schema: Json) -> str:
    match schema:
        case {"$ref": str(target)}:
            name = target.rpartition("/")[2]
            return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'
        case {"const": value}:
            return code(_show(value))
        case {"enum": list(choices)}:
            return " or ".join(code(_show(choice)) for choice in choices)
        case {"anyOf": list(forms)} | {"oneOf": list(forms)}:
            return " or ".join(tell_type(form) for form in forms)
        case {"prefixItems": list(parts)}:
            return f"[{', '.join(tell_type(part) for part in parts)}]"
        case {"type": "array", "items": items}:
            return f"list of {tell_type(items)}"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"object of {tell_type(values)}"
        case {"type": str(kind)}:
            return escape(kind)
        case _:
            return "anything"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def prose(text: str) -> str:
    """Paragraphs, with what stands in backticks as code: all of CommonMark that the document uses."""
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _show(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
