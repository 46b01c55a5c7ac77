"""A YAML document read into frozen structs, and shown again: every fault is told, with its line and its key.

The structs say it all: their fields' types, bounds and functions, as settings do (`service.values`). Only the
document's nodes are looked at, which know their lines; a scalar is the text that was written, so that `no` is
a name where a name is wanted, and no fault hides behind YAML's idea of types.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeVar, get_args, get_origin

import yaml
from msgspec import Struct, structs
from yaml.reader import ReaderError

from service.values import read_value, strip_optional, take_apart

SHOWN_CHARACTERS: Final = 100  # of a value, in a fault

S = TypeVar("S", bound=Struct)


@dataclass(frozen=True, slots=True)
class Reads:
    """Annotated to a field: how its text becomes its value (or raises ValueError), and how it is written."""

    read: Callable[[str], Any]
    write: Callable[[Any], Any] = str
    is_secret: bool = False


class Fault(NamedTuple):
    """One thing wrong; `key` is the path to it, empty for the whole document."""

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return (
            f"line {self.line}: {self.key}: {self.message}"
            if self.key
            else f"line {self.line}: {self.message}"
        )


def read_document(text: str, kind: type[S]) -> tuple[S | None, list[Fault]]:
    """The document, or every fault in it. A class variable `unsupported` of a struct tells of keys why they
    are not taken, a method `find_fault` what is wrong with all of it together."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        reader = _Reader(loader)
        read = kind() if node is None else reader.read(node, kind, "")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        reason = ", ".join(filter(None, (error.context, error.problem)))
        return None, [Fault(line, "", f"expected YAML: {reason}")]
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [Fault(line, "", f"expected YAML, which has no character U+{error.character:04X}")]
    except RecursionError:
        return None, [Fault(1, "", "expected YAML that is not nested so deeply")]
    return (None if reader.faults else read), sorted(reader.faults)


def show(value: Any, annotation: Any = None) -> Any:
    """A struct as the document would have it, defaults left out and secrets masked."""
    kind, marks = take_apart(strip_optional(annotation))
    if isinstance(value, Struct):
        return {
            info.encode_name: show(getattr(value, info.name), info.type)
            for info in structs.fields(value)
            if getattr(value, info.name) != info.default
        }
    for mark in marks:
        if isinstance(mark, Reads):
            return mark.write(value)
    if isinstance(value, tuple):
        return [show(member, get_args(kind)[0]) for member in value]
    if isinstance(value, dict):
        return {key: show(member, get_args(kind)[1]) for key, member in value.items()}
    return value if isinstance(value, bool | int | float) else str(value)


class _Reader:
    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self.faults: list[Fault] = []

    def read(self, node: yaml.Node, annotation: Any, key: str) -> Any:
        """The node's value; None, and a fault, where it has none."""
        annotation = strip_optional(annotation)
        kind, marks = take_apart(annotation)
        origin = get_origin(kind)
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self._read_struct(node, kind, key)
        if origin is dict:
            return self._read_dict(node, kind, key)
        if origin is tuple:
            return self._read_list(node, kind, key)
        return self._read_scalar(node, annotation, marks, key)

    def _read_struct(self, node: yaml.Node, kind: type[Struct], key: str) -> Any:
        infos = {info.encode_name: info for info in structs.fields(kind)}
        unsupported: dict[str, str] = getattr(kind, "unsupported", {})
        values: dict[str, Any] = {}
        before = len(self.faults)
        for name, name_node, value_node in self._pairs(node, key):
            place = f"{key}.{name}" if key else name
            if name in infos:
                values[infos[name].name] = self.read(value_node, infos[name].type, place)
            elif name in unsupported:
                self._tell(name_node, place, f"not supported: {unsupported[name]}")
            else:
                self._tell(name_node, place, f"there is no such setting; there are {', '.join(infos)}")
        for name, info in infos.items():
            if info.required and info.name not in values and len(self.faults) == before:
                self._tell(node, key, f"expected `{name}`, which is missing")
        if len(self.faults) > before:
            return None
        read = kind(**values)
        find_fault = getattr(read, "find_fault", None)  # of what only makes sense together
        if find_fault is not None and (fault := find_fault()) is not None:
            self._tell(node, key, fault)
        return read

    def _read_dict(self, node: yaml.Node, kind: Any, key: str) -> Any:
        key_kind, value_kind = get_args(kind)
        return {
            self._read_scalar(name_node, key_kind, take_apart(key_kind)[1], f"{key}.{name}"): self.read(
                value_node, value_kind, f"{key}.{name}"
            )
            for name, name_node, value_node in self._pairs(node, key)
        }

    def _read_list(self, node: yaml.Node, kind: Any, key: str) -> Any:
        if not isinstance(node, yaml.SequenceNode):
            self._tell(node, key, "expected a list")
            return ()
        member, _ = get_args(kind)
        return tuple(self.read(part, member, f"{key}[{number}]") for number, part in enumerate(node.value))

    def _read_scalar(self, node: yaml.Node, annotation: Any, marks: tuple[Any, ...], key: str) -> Any:
        if not isinstance(node, yaml.ScalarNode) or _is_nothing(node):
            got = "nothing" if isinstance(node, yaml.ScalarNode) else f"a {_name_of(node)}"
            self._tell(node, key, f"expected a single value, got {got}")
            return None
        text: str = node.value
        reads = next((mark for mark in marks if isinstance(mark, Reads)), None)
        kind, _ = take_apart(annotation)
        if get_origin(kind) is Literal:  # as it is written: `GET` is no word of ours to be spelt in any case
            *words, last = get_args(kind)
            if text in get_args(kind):
                return text
            value, messages = (
                None,
                [f"expected {', '.join(words)} or {last}" if words else f"expected {last}"],
            )
        elif reads is None:
            value, faults = read_value(annotation, text)
            messages = [fault.message for fault in faults]
        else:
            value, messages = None, []
            try:
                value = reads.read(text)
            except ValueError as error:
                messages = [str(error)]
        shown = "" if reads is not None and reads.is_secret else f", got {text[:SHOWN_CHARACTERS]!r}"
        for message in messages:
            self._tell(node, key, f"{message}{shown}")
        return value

    def _pairs(self, node: yaml.Node, key: str) -> list[tuple[str, yaml.Node, yaml.Node]]:
        """A mapping's keys and values, `<<` resolved; none of what is empty. A repeated key is a fault."""
        if isinstance(node, yaml.ScalarNode) and _is_nothing(node):
            return []
        if not isinstance(node, yaml.MappingNode):
            self._tell(node, key, f"expected a mapping of keys to values, got a {_name_of(node)}")
            return []
        self._tell_repeats(node, key)
        self._loader.flatten_mapping(node)
        # What `<<` brings comes first, and is overridden by the mapping's own.
        pairs = {name.value: (name, value) for name, value in node.value if isinstance(name, yaml.ScalarNode)}
        return [(name, *nodes) for name, nodes in pairs.items()]

    def _tell_repeats(self, node: yaml.MappingNode, key: str) -> None:
        seen: set[str] = set()
        for name, _ in node.value:
            if not isinstance(name, yaml.ScalarNode):
                self._tell(name, key, f"expected a key, got a {_name_of(name)}")
            elif name.value in seen:
                self._tell(name, f"{key}.{name.value}" if key else name.value, "expected once, got again")
            else:
                seen.add(name.value)

    def _tell(self, node: yaml.Node, key: str, message: str) -> None:
        self.faults.append(Fault(node.start_mark.line + 1, key, message))


def _is_nothing(node: yaml.ScalarNode) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _name_of(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "mapping"
    return "list" if isinstance(node, yaml.SequenceNode) else "single value"
