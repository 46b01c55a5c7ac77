"""The schemas of the document (JSON Schema 2020-12), made from the types that read and write the bodies.

A daemon's document tells its own limits: bounds that are settings are those in force.
"""

import re
from typing import Any, Final

import msgspec

from service.api import answers
from service.api.problems import ProblemDetails
from service.api.request_model import Body, JobBody
from service.errors import Code
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
# Python's words in docstrings, which are the descriptions, as JSON has them.
_JSON_WORDS: Final = {"None": "null", "True": "true", "False": "false"}


def schemas(settings: Settings) -> dict[str, Any]:
    """Every schema by its name."""
    _, written = msgspec.json.schema_components(_WRITTEN, ref_template=_REF.format("{name}"))
    written["Failure"]["properties"]["code"] = {"enum": [code.value for code in Code]}
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
    asked["properties"]["urls"]["maxItems"] = most_urls
    return {name: asked | {"title": name}, options_name: options}


def _checks(settings: Settings) -> dict[str, Any]:
    ids = [] if settings.checks == "none" else [check.id for check in all_checks()]
    if ids and lint.is_installed():
        ids.append(lint.NAME)
    one = "|".join(["all", *map(re.escape, ids)])
    text = {"enum": ["none"]} if not ids else {"pattern": f"^(?:none|(?:{one})(?:,(?:{one}))*)$"}
    items = {"enum": ["all", *ids]} if ids else {"const": "none"}
    return {
        "description": "All, none (to record only), or some, as a list or with commas between",
        "anyOf": [
            {"type": "string"} | text,
            {"type": "array", "items": items, "minItems": 1},
            {"type": "null"},
        ],
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
