"""The runbook's commands: the boxes of `deploy/README.md` that are meant for a shell as they stand."""

import re
from typing import Final

from tests.container.wheels import ROOT

_SECTIONS: Final = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
_BOX: Final = re.compile(r"^```(?:console|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def boxes() -> dict[str, str]:
    """By the heading above them, in the page's order. A section has one at the most."""
    text = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
    parts = _SECTIONS.split(text)
    found = {}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        in_section = _BOX.findall(body)
        assert len(in_section) <= 1 or heading == "Configure", heading
        if in_section:
            found[heading] = "".join(in_section)
    return found
