"""Whether what is written for a URL begins with a scheme. What does not is a bare host, and means https."""

import re
from typing import Final

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_PORT_AFTER_HOST: Final = re.compile(r"[^:/?#@\[\]]*:\d+(?:[/?#]|$)")  # `example.com:8080`, not `mailto:x`


def has_scheme(text: str) -> bool:
    return _SCHEME.match(text) is not None and _PORT_AFTER_HOST.match(text) is None
