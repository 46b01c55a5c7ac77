"""The document: valid OpenAPI, whole, and true of what is routed."""

import json
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from service.api.members import MEMBERS
from service.api.openapi import build_document
from service.api.operation import Operation
from service.api.routes import OPERATIONS
from service.settings import Settings
from tests.service.api.contract import DOCUMENT
from tests.service.api.daemons import Daemon, run_daemon


async def test_the_document_is_valid_openapi(daemon: Daemon) -> None:
    async with daemon.client.get("/openapi.json") as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        document = await answer.json()
    assert document["openapi"] == "3.1.1"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_table_is_what_is_routed_and_what_is_described() -> None:
    router = web.UrlDispatcher()
    for operation in OPERATIONS:
        operation.add_to(router)
    routed = {(route.method, route.resource.canonical) for route in router.routes() if route.resource}
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert {route for route in routed if route[0] != "HEAD"} == described
    assert len(described) == len(OPERATIONS)
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


async def test_a_daemon_routes_nothing_else(daemon: Daemon) -> None:
    async with daemon.client.get("/openapi.json") as answer:
        paths = (await answer.json())["paths"]
    assert {operation.path for operation in OPERATIONS} == paths.keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_an_operation_says_what_it_is(operation: Operation) -> None:
    assert operation.summary
    assert operation.description.endswith(".")
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    named = {part for part in operation.path.split("/") if part.startswith("{")}
    assert named == {f"{{{one.name}}}" for one in operation.parameters if one.place == "path"}
    assert {str(answer.status) for answer in operation.answers} <= described["responses"].keys()
    if operation.path.startswith("/v1/"):
        assert {"401", "403", "429"} <= described["responses"].keys()
        assert {"bearer": []} in described["security"]


def schemas_and_examples() -> list[tuple[str, dict[str, Any], Any]]:
    """Of each body and parameter, with the place of each."""
    found: list[tuple[str, dict[str, Any], Any]] = []

    def walk(value: Any, place: str) -> None:
        if isinstance(value, dict):
            if "schema" in value and isinstance(value["schema"], dict):
                examples = value.get("examples") or {"": {"value": value["example"]}}
                for name, entry in examples.items():
                    found.append((f"{place} {name}", value["schema"], entry["value"]))
            for name, member in value.items():
                walk(member, f"{place}/{name}")
        elif isinstance(value, list):
            for number, member in enumerate(value):
                walk(member, f"{place}/{number}")

    walk(DOCUMENT["paths"], "")
    walk({name: DOCUMENT["components"][name] for name in ("responses", "headers")}, "components")
    return found


@pytest.mark.parametrize(("place", "schema", "example"), schemas_and_examples())
def test_an_example_is_what_its_schema_says(place: str, schema: dict[str, Any], example: Any) -> None:
    resource = Resource.from_contents(json.loads(json.dumps(DOCUMENT)), default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:document", resource)
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))
    Draft202012Validator(absolute, registry=registry).validate(example)


def test_a_daemon_s_own_limits_are_told() -> None:
    document = build_document(OPERATIONS, Settings(timeout=7.0, request_urls=3), wants_token=True)
    schemas = document["components"]["schemas"]
    assert schemas["InspectionRequest"]["properties"]["urls"]["maxItems"] == 3
    assert schemas["Options"]["properties"]["timeout"]["anyOf"][0]["maximum"] == 7.0
    assert document["paths"]["/v1/checks"]["get"]["security"] == [{"bearer": []}]


def test_what_is_said_of_a_member_is_said_of_one_that_there_is() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, members in MEMBERS.items():
        assert members.keys() <= schemas[name]["properties"].keys()


async def test_neither_document_nor_page_wants_a_token() -> None:
    async with run_daemon(token="secret") as daemon:
        for path in ("/openapi.json", "/docs"):
            async with daemon.client.get(path) as answer:
                assert answer.status == 200
