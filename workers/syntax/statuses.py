"""What statuses mean for the content behind them (RFC 9110 section 15)."""

from typing import Final

REDIRECTS = frozenset({301, 302, 303, 307, 308})  # section 15.4: a client goes on by itself
SUCCESS: Final = 200  # what is below is no answer yet, or (101) the last of HTTP on the connection
NOT_MODIFIED: Final = 304  # section 15.4.5: it leaves out what the client has, most fields too
WITHOUT_CONTENT = frozenset({204, 205, NOT_MODIFIED})  # sections 15.3.5, 15.3.6 and 15.4.5
