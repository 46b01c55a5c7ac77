"""The part of SARIF 2.1.0 that masthead writes, by the standard's sections: anything else does not decode."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Level = Literal["none", "note", "warning", "error"]
Count = Annotated[int, Meta(ge=0)]
Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]  # section 3.9
Uri = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+$")]  # RFC 3986
# Section 3.11.5 wants braces doubled; a viewer would make a link of "](" (section 3.11.6).
Text = Annotated[str, Meta(min_length=1, pattern=r"^(?:[^{}]|\{\{|\}\})*$")]


class Strict(msgspec.Struct, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    """Section 3.5: nothing that the standard does not name."""


class Message(Strict):
    text: Text
    markdown: Text | None = None


class Configuration(Strict):
    level: Level


class Descriptor(Strict):
    id: str
    short_description: Message
    name: str | None = None
    full_description: Message | None = None
    help: Message | None = None
    help_uri: Uri | None = None
    default_configuration: Configuration | None = None
    properties: dict[str, Any] = {}


class Component(Strict):
    name: str
    version: str
    semantic_version: str
    rules: list[Descriptor]
    notifications: list[Descriptor]


class Tool(Strict):
    driver: Component


class ArtifactLocation(Strict):
    uri: Uri
    uri_base_id: str | None = None
    index: Count | None = None


class Artifact(Strict):
    location: ArtifactLocation
    roles: list[Literal["analysisTarget"]]


class BaseId(Strict):
    description: Message


class Region(Strict):
    start_line: Annotated[int, Meta(ge=1)]


class PhysicalLocation(Strict):
    artifact_location: ArtifactLocation
    region: Region


class Location(Strict):
    physical_location: PhysicalLocation


class WebRequest(Strict):
    protocol: Literal["HTTP"]
    version: Literal["1.1"]
    target: str
    method: Literal["HEAD", "GET"] | None = None


class WebResponse(Strict):
    protocol: Literal["HTTP"]
    version: str
    status_code: int
    reason_phrase: str
    headers: dict[str, str]


class Result(Strict):
    rule_id: str
    level: Level
    message: Message
    locations: list[Location]
    partial_fingerprints: dict[str, str]
    web_request: WebRequest
    web_response: WebResponse
    properties: dict[str, Any]
    rule_index: Count | None = None


class DescriptorReference(Strict):
    id: str


class Notification(Strict):
    level: Level
    message: Message
    descriptor: DescriptorReference | None = None
    locations: list[Location] = []
    time_utc: Time | None = None
    properties: dict[str, Any] = {}


class Invocation(Strict):
    execution_successful: bool
    start_time_utc: Time
    end_time_utc: Time
    tool_execution_notifications: list[Notification]


class LogRun(Strict):
    tool: Tool
    results: list[Result]
    invocations: list[Invocation]
    properties: dict[str, Any]
    artifacts: list[Artifact] = []
    original_uri_base_ids: dict[str, BaseId] = {}


class Log(Strict):
    schema: Uri = msgspec.field(name="$schema")
    version: Literal["2.1.0"] = "2.1.0"
    runs: list[LogRun] = []


def read_log(document: bytes) -> LogRun:
    """The one run of a log, checked: its structure, and what the standard says between its parts."""
    log = msgspec.json.decode(document, type=Log)
    assert msgspec.json.decode(document)["version"] == "2.1.0"
    (run,) = log.runs
    rules = [rule.id for rule in run.tool.driver.rules]
    assert len(set(rules)) == len(rules)
    notifications = {descriptor.id for descriptor in run.tool.driver.notifications}
    for result in run.results:
        assert "](" not in result.message.text
        if result.rule_index is not None:
            assert rules[result.rule_index] == result.rule_id
        for location in result.locations:
            _check_location(run, location)
    for invocation in run.invocations:
        for notification in invocation.tool_execution_notifications:
            assert "](" not in notification.message.text
            assert notification.descriptor is None or notification.descriptor.id in notifications
            for location in notification.locations:
                _check_location(run, location)
        # Section 3.20.21: a notification of an error says that the run failed.
        errors = [note for note in invocation.tool_execution_notifications if note.level == "error"]
        assert invocation.execution_successful == (not errors)
    return run


def _check_location(run: LogRun, location: Location) -> None:
    artifact = location.physical_location.artifact_location
    if artifact.index is not None:
        assert run.artifacts[artifact.index].location.uri == artifact.uri
    is_absolute = ":" in artifact.uri.split("/")[0]
    assert not (is_absolute and artifact.uri_base_id)  # section 3.4.4
    if artifact.uri_base_id is not None:
        assert artifact.uri_base_id in run.original_uri_base_ids
