"""The modules that there are: those of a file, and one that always is. Reading them is not for the loop."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from msgspec import Struct

from service.errors import UsageError, reason_of
from service.probe.document import Reads, read_document
from service.probe.module import Module

DEFAULT: Final = "http_2xx"  # what `/probe` means without a module, as in blackbox_exporter
MODULES_LIMIT: Final = 100  # their names are a label's values: a closed set must stay a small one
FILE_LIMIT_BYTES: Final = 1_048_576  # a hundred modules need a tenth of it
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}")  # what URLs and labels have without escapes


def read_module_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("expected a name of letters, digits and _.:-, at most 64")
    return text


class _File(Struct, frozen=True):
    modules: dict[Annotated[str, Reads(read_module_name)], Module] = {}


def load_modules(path: Path | None) -> Mapping[str, Module]:
    """The modules of a file by their names, and the built-in one unless the file has its own.

    Raises UsageError with every fault: the file, the line and the key, what was expected and what came.
    """
    modules = {DEFAULT: Module(prober="http")}
    if path is None:
        return modules
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_LIMIT_BYTES + 1)
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"modules: {path}: cannot be read: {reason_of(error)}") from error
    if len(raw) > FILE_LIMIT_BYTES:
        raise UsageError(f"modules: {path}: expected at most {FILE_LIMIT_BYTES} bytes, got more")
    read, faults = read_document(text, _File)
    if read is None:
        raise UsageError(*(f"modules: {path}, {fault}" for fault in faults))
    modules |= read.modules
    if len(modules) > MODULES_LIMIT:
        raise UsageError(f"modules: {path}: expected at most {MODULES_LIMIT} modules, got {len(modules)}")
    return modules
