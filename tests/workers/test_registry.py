"""The registry: every module of `workers.checks` is a check, and a selection names some of them."""

import pkgutil
from types import SimpleNamespace

import pytest

import workers.checks
from workers import registry
from workers.registry import UnknownCheckError, all_checks, select_checks


def test_every_module_of_the_package_is_found() -> None:
    assert len(all_checks()) == len(list(pkgutil.iter_modules(workers.checks.__path__)))


def test_checks_are_sorted_by_id() -> None:
    ids = [check.id for check in all_checks()]
    assert ids == sorted(ids)


@pytest.mark.parametrize(("selection", "count"), [("none", 0), ("all", len(all_checks()))])
def test_all_and_none_are_words(selection: str, count: int) -> None:
    assert len(select_checks(selection)) == count


def test_ids_select_in_the_order_given_and_once() -> None:
    selected = select_checks(" set-cookie ,referrer-policy,,set-cookie")
    assert [check.id for check in selected] == ["set-cookie", "referrer-policy"]


@pytest.mark.parametrize("selection", ["", " , ", "nonsense", "set-cookie,nonsense", "Set-Cookie"])
def test_an_unknown_id_is_refused_with_those_that_exist(selection: str) -> None:
    with pytest.raises(UnknownCheckError, match="referrer-policy, set-cookie"):
        select_checks(selection)


def test_a_finding_in_place_of_a_check_is_told_its_check() -> None:
    with pytest.raises(UnknownCheckError) as caught:
        select_checks("set-cookie,csp-missing")
    assert str(caught.value) == (
        "expected ids of checks: csp-missing is a finding of the check content-security-policy, name that"
    )


@pytest.mark.parametrize("kind", ["check", "rule"])
def test_two_definitions_of_an_id_are_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = all_checks()[0]
    rules = first.rules if kind == "rule" else ()
    twice = SimpleNamespace(CHECK=SimpleNamespace(id=first.id if kind == "check" else "another", rules=rules))
    modules = {"workers.checks.a": SimpleNamespace(CHECK=first), "workers.checks.b": twice}
    monkeypatch.setattr(
        registry.pkgutil, "iter_modules", lambda _: [SimpleNamespace(name="a"), SimpleNamespace(name="b")]
    )
    monkeypatch.setattr(registry.importlib, "import_module", modules.__getitem__)
    with pytest.raises(ValueError, match=f"two definitions of {kind} "):
        all_checks.__wrapped__()
