"""What the members of a record mean, in a few words, where their names do not say it."""

from collections.abc import Mapping
from typing import Final

MEMBERS: Final[Mapping[str, Mapping[str, str]]] = {
    "Record": {
        "schema": "the version of this shape",
        "seq": "the URL's number in the list, from 1",
        "input": "the URL as it was given",
        "url": "the URL that was asked for, as the WHATWG parser writes it; null where the input is none",
        "outcome": "`ok`: it was reached, whatever its status",
        "final_url": "where the redirects ended",
        "status": "of the last response",
        "hops": "each response, redirects included; and the request that failed, where its connection stood",
        "report": "what the judges say; null where it was not reached, or not to be judged",
        "attempts": "how often it was tried; the record tells the last try",
        "started_at": "RFC 3339, UTC",
        "elapsed_ms": "of the last try, without what it waited for its host",
        "http_entry": "`depth: full`: where `http://` of the same host leads, at port 80; null for an http "
        "URL, whose `hops` are that",
        "https_entry": "`depth: full`: where `https://` of the same host leads, at port 443; null where "
        "`hops` came by it",
        "preflight": "`depth: full`: what answered an `OPTIONS` request from a foreign origin, redirects "
        "included",
    },
    "Hop": {
        "status": "null where no response came",
        "address": "what was connected to, and its port",
        "headers": "names and values in wire order, as they were spelt, repeats included",
        "defects": "what was malformed, and still accepted",
        "tls": "null over http, and where a handshake failed before a certificate came",
    },
    "Tls": {
        "sans": "the names and addresses that the certificate is for",
        "verified": "whether its chain and name were verified",
    },
    "Finding": {
        "evidence": "the part of the value that it rests on",
        "fix": "the header to send, or what else to do",
    },
}
