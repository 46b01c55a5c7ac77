"""The schemas of the document (JSON Schema 2020-12), made from the types that read and write the bodies.

A daemon's document tells its own limits: bounds that are settings are those in force.
"""

import re
from typing import Any, Final

import msgspec

from service.api import answers
from service.api.members import MEMBERS
from service.api.problems import ProblemDetails
from service.api.request_model import FIELD_LIMIT, FIELDS_LIMIT, Body, JobBody
from service.errors import Code
from service.model import FIELD_NAME, FIELD_VALUE, OWN_FIELDS
from service.settings import Settings
from workers import lint
from workers.model import Record
from workers.registry import all_checks

_REF: Final = "#/components/schemas/{}"
_WRITTEN: Final = (
    Record,
    answers.Inspections,
    answers.Job,
    answers.Jobs,
    answers.Results,
    answers.Checks,
    answers.Alive,
    answers.Readiness,
    answers.Reloaded,
    ProblemDetails,
)
_SETTINGS: Final = ("timeout", "method", "max_redirects", "checks", "depth")  # options that are settings, too
# Python's words in docstrings, which are the descriptions, as JSON has them.
_JSON_WORDS: Final = {"None": "null", "True": "true", "False": "false"}


def _field_pattern(name_end: str, rest: str) -> str:
    """Of a field's name, up to `name_end`, and what follows: none of those that are the connection's own."""
    own = "|".join(
        "".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in name) for name in sorted(OWN_FIELDS)
    )
    return f"^(?!(?:{own}){name_end}){FIELD_NAME.pattern}{rest}$"


_HEADERS: Final = {
    "description": "Header fields for the URLs' own origins, in place of the daemon's of the same names",
    "oneOf": [
        {
            "type": "array",
            "items": {
                "type": "string",
                "maxLength": FIELD_LIMIT,
                "pattern": _field_pattern(":", f":{FIELD_VALUE.pattern}"),
            },
            "maxItems": FIELDS_LIMIT,
            "examples": [["Accept-Language: fr"]],
        },
        {
            "type": "object",
            "propertyNames": {"maxLength": FIELD_LIMIT, "pattern": _field_pattern("$", "")},
            "additionalProperties": {
                "type": "string",
                "maxLength": FIELD_LIMIT,
                "pattern": f"^{FIELD_VALUE.pattern}$",
            },
            "maxProperties": FIELDS_LIMIT,
            "examples": [{"Accept-Language": "fr"}],
        },
    ],
}


def schemas(settings: Settings) -> dict[str, Any]:
    """Every schema by its name."""
    _, written = msgspec.json.schema_components(_WRITTEN, ref_template=_REF.format("{name}"))
    written["Failure"]["properties"]["code"] = {"enum": [code.value for code in Code]}
    for name, members in MEMBERS.items():
        for member, words in members.items():
            written[name]["properties"][member]["description"] = words
    return {
        **_asked("InspectionRequest", Body, settings.request_urls, settings),
        **_asked("JobRequest", JobBody, settings.job_urls, settings),
        **{name: _reword(schema) for name, schema in sorted(written.items())},
    }


def _asked(name: str, body: type[Body], most_urls: int, settings: Settings) -> dict[str, Any]:
    """A body and its options, by their names."""
    asked = body.model_json_schema(ref_template=_REF.format("{model}"))
    ((options_name, options),) = asked.pop("$defs").items()
    properties = options["properties"]
    properties["timeout"]["anyOf"][0]["maximum"] = settings.timeout
    properties["max_redirects"]["anyOf"][0]["maximum"] = settings.max_redirects
    properties["checks"] = _checks(settings)
    properties["headers"] = _HEADERS
    if "webhook" in properties:
        properties["webhook"] = _webhook(settings)
    for option in _SETTINGS:
        properties[option]["description"] = Settings.model_fields[option].description.partition(" [")[0]
    asked["properties"]["urls"]["maxItems"] = most_urls
    return {name: asked | {"title": name}, options_name: options}


def _checks(settings: Settings) -> dict[str, Any]:
    ids = [] if settings.checks == "none" else [check.id for check in all_checks()]
    if ids and lint.is_installed():
        ids.append(lint.NAME)
    one = "|".join(["all", *ids])  # of lower case, digits and hyphens: nothing to escape
    text = {"enum": ["none"]} if not ids else {"pattern": f"^(?:none|(?:{one})(?:,(?:{one}))*)$"}
    items = {"enum": ["all", *ids]} if ids else {"const": "none"}
    alone = [{"const": ["none"]}] if ids else []
    return {
        "anyOf": [
            {"type": "string"} | text,
            {"type": "array", "items": items, "minItems": 1},
            *alone,
            {"type": "null"},
        ],
        "default": None,
    }


def _webhook(settings: Settings) -> dict[str, Any]:
    if not settings.webhook_secret:
        return {"type": "null", "description": "this daemon sends none", "default": None}
    url = {"type": "string", "format": "uri", "maxLength": settings.url_limit}
    return {
        "anyOf": [url, {"type": "null"}],
        "description": "URL that the job's end is told",
        "default": None,
    }


def _reword(schema: dict[str, Any]) -> dict[str, Any]:
    """Its docstring on one line, in JSON's words."""
    if "description" not in schema:
        return schema
    words = " ".join(schema["description"].split())
    for python, json in _JSON_WORDS.items():
        words = re.sub(rf"\b{python}\b", json, words)
    return schema | {"description": words}
