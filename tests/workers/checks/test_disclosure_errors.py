"""Errors and paths in fields."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.disclosure_errors import CHECK

TRACE, QUERY, PATH = ("stack-trace-disclosed",), ("database-error-disclosed",), ("server-path-disclosed",)


def sent(title: str, value: str, finds: tuple[str, ...] = (), name: str = "X-Error") -> Case:
    return Case(title, ((name, value),), finds)


CASES = (
    sent("Python", "Traceback (most recent call last)", TRACE),
    sent("Java", "error at com.example.Shop.pay(Shop.java:42)", TRACE),
    sent("a Java exception", "java.lang.NullPointerException: null", TRACE),
    sent(".NET", "System.Web.HttpException: no such view", TRACE),
    sent("PHP", "PHP Fatal error: Uncaught Error", TRACE),
    sent("Go", "goroutine 1 [running]", TRACE),
    sent("a name that ends like one", "NoException, MyError"),
    sent("words", "This at that, an Exception to the rule"),
    sent("MySQL", "You have an error in your SQL syntax near '1'", QUERY),
    sent("Oracle", "ORA-01756: quoted string not properly terminated", QUERY),
    sent("PDO", "SQLSTATE[42000]", QUERY),
    sent("PostgreSQL", 'syntax error at or near "1"', QUERY),
    sent("a path", "/var/www/html/index.php", PATH),
    sent("a path in a sentence", "cannot open /home/deploy/app/config.yml", PATH),
    sent("a path of Windows", r"C:\inetpub\wwwroot\web.config", PATH),
    sent("a path of a site", "https://example.com/var/www/x"),
    sent("a redirect to a path of the site", "/home/anna/photos", name="Location"),
    sent("a redirect to a path of Windows", r"/error?file=C:\inetpub\x", PATH, name="Location"),
    sent("a policy", "script-src /var/www/", name="Content-Security-Policy"),
    sent("both", "SQLSTATE[42000] in /srv/www/db.php", QUERY + PATH),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_evidence_is_what_was_told() -> None:
    (finding,) = findings(CHECK, sent("path", "in /var/www/html/index.php on line 3"))
    assert (finding.evidence, finding.fix) == ("/var/www/html/index.php", "Remove the field X-Error")
