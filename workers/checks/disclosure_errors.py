"""What the inside of a program leaves in a field: stack traces, messages of databases, paths of files.

CWE-209: an error's message that tells more than that there was one.
"""

import re
from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

FOUND_LIMIT: Final = 20

# Where a path, a script or an expression stands by right.
_BY_RIGHT: Final = """
    cache-control content-length content-security-policy content-security-policy-report-only content-type date
    etag expires last-modified permissions-policy set-cookie strict-transport-security vary
"""
UNSEARCHED: Final = frozenset(_BY_RIGHT.split())
# In these "/home/…" is a path of the site, and the field is not to go.
FUNCTIONAL: Final = frozenset(
    {"content-disposition", "content-location", "link", "location", "refresh", "via"}
)

# Each pattern is linear, and looked for only where one of its marks is.
_TRACE_MARKS: Final = (
    "Traceback (", " at ", "Exception", "Error", "Fatal error", "goroutine ", "Stack trace",
)  # fmt: skip
_TRACE = re.compile(
    r"Traceback \(most recent call last\)"
    r"|(?<= at )[\w$.<>]++\([\w$]++\.(?:java|kt|scala|cs):\d+\)"
    r"|(?<![\w.$])(?:[A-Za-z][\w$]*+\.)++[A-Z][\w$]*+(?:(?<=Exception)|(?<=Error))(?=:| at )"
    r"|\b(?:PHP )?Fatal error:"
    r"|\bgoroutine \d++ \["
    r"|\bStack trace:",
    re.ASCII,
)
_QUERY_MARKS: Final = ("SQLSTATE", "SQL syntax", "ORA-", "SqlException", "syntax error at", "mysql")
_QUERY = re.compile(
    r"SQLSTATE\[\w{5}\]|You have an error in your SQL syntax|\bORA-\d{5}\b|\bSqlException\b"
    r"|syntax error at or near|\bmysqli?_\w++\(\)",
    re.ASCII,
)
_PATH_MARKS: Final = (":\\", "/var/", "/home/", "/srv/", "/usr/", "/opt/", "/etc/", "/root/")
_PATH = re.compile(
    r"(?<![\w/.:\-])/(?:var/(?:www|lib|log|task)|home/[\w.\-]{1,64}|srv/(?:www|http)|usr/(?:local|share|src)"
    r"|opt/[\w.\-]{1,64}|etc/[\w.\-]{1,64}|root)/[\w./\-]{0,200}"
    r"|(?<!\w)[A-Za-z]:\\\w[\w .\\\-]{0,200}",
    re.ASCII,
)

TRACE = Rule(
    id="stack-trace-disclosed",
    severity="medium",
    field="X-Error",
    message="{name} holds part of a stack trace or an exception's message.",
    why="It tells how the program is built, and often what to send to make it fail in a more useful way.",
    fix="Log errors on the server, and tell clients no more than that there was one",
    reference="https://cwe.mitre.org/data/definitions/209.html",
)
QUERY = Rule(
    id="database-error-disclosed",
    severity="medium",
    field="X-Error",
    message="{name} holds a message of the database.",
    why="Messages of the database are what SQL injection is steered by.",
    fix="Log errors on the server, and tell clients no more than that there was one",
    reference="https://cwe.mitre.org/data/definitions/209.html",
)
PATH = Rule(
    id="server-path-disclosed",
    severity="low",
    field="X-Error",
    message="{name} tells where a file lies on the server: {path}.",
    why="Paths say what is installed and under which account, and make holes that read files easy to use.",
    fix="Leave paths of the server's files out",
    reference="https://cwe.mitre.org/data/definitions/497.html",
)
_SEARCHES: Final = ((TRACE, _TRACE_MARKS, _TRACE), (QUERY, _QUERY_MARKS, _QUERY), (PATH, _PATH_MARKS, _PATH))
_MARKS: Final = tuple(dict.fromkeys(mark for _, marks, _ in _SEARCHES for mark in marks))


def run(response: Response) -> Iterator[Finding]:
    fields, text = response.excerpt
    if not any(map(text.__contains__, _MARKS)):
        return
    found = 0
    for name, value in fields:
        if found >= FOUND_LIMIT:
            return
        if name.lower() in UNSEARCHED:
            continue
        for finding in _judge(name, value):
            yield finding
            found += 1


def _judge(name: str, value: str) -> Iterator[Finding]:
    is_functional = name.lower() in FUNCTIONAL
    fix = None if is_functional else removal(name)
    for rule, marks, pattern in _SEARCHES:
        if (is_functional and rule is PATH and ":\\" not in value) or not any(
            mark in value for mark in marks
        ):
            continue
        match = pattern.search(value)
        if match is not None:
            yield rule.found(match[0], field=name, fix=fix, name=name, path=match[0])


CHECK = Check(
    id="disclosure-errors",
    title="Errors and paths in fields",
    why="A message meant for the log tells an attacker what to try next.",
    reference="https://cwe.mitre.org/data/definitions/209.html",
    rules=(TRACE, QUERY, PATH),
    run=run,
)
