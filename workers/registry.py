"""Finds the checks: every module of `workers.checks` that has a `CHECK`. There is no list to edit."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

import workers.checks
from workers import lint
from workers.check import Check

SELECTIONS_KEPT: Final = 64  # a daemon's clients may name as many as they like


class UnknownCheckError(ValueError):
    """A check was named that does not exist; the message lists those that do."""


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, sorted by id. Raises ValueError where two checks or two rules share an id."""
    names = sorted(module.name for module in pkgutil.iter_modules(workers.checks.__path__))
    checks = [importlib.import_module(f"workers.checks.{name}").CHECK for name in names]
    _refuse_repeats("check", (check.id for check in checks))
    _refuse_repeats("rule", (rule.id for check in checks for rule in check.rules))
    return tuple(sorted(checks, key=lambda check: check.id))


@lru_cache(maxsize=SELECTIONS_KEPT)
def select_checks(selection: str) -> tuple[Check, ...]:
    """The checks that `selection` names: "none", or "all" and ids with commas between.

    httplint is one of them where it is installed, and is not in "all". Raises UnknownCheckError for an id
    that no check has.
    """
    if selection == "none":
        return ()
    known = {check.id: check for check in all_checks()}
    every = list(known)
    if lint.is_installed():
        known[lint.NAME] = lint.CHECK
    parts = [part.strip() for part in selection.split(",") if part.strip()]
    wanted = [name for part in parts for name in (every if part == "all" else [part])]
    unknown = [name for name in wanted if name not in known]
    if unknown and (findings := _checks_of(unknown)):
        raise UnknownCheckError(f"expected ids of checks: {'; '.join(findings)}")
    if unknown or not wanted:
        raise UnknownCheckError(
            f"expected 'all', 'none' or check ids from: {', '.join(known)};"
            f" got {', '.join(unknown) or 'nothing'}"
        )
    return tuple(known[name] for name in dict.fromkeys(wanted))


def _checks_of(names: Iterable[str]) -> list[str]:
    """Of each finding that is named, which check it is of; nothing where a name is not a finding's either."""
    checks = {rule.id: check.id for check in all_checks() for rule in check.rules}
    names = list(dict.fromkeys(names))
    if any(name not in checks for name in names):
        return []
    return [f"{name} is a finding of the check {checks[name]}, name that" for name in names]


def _refuse_repeats(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ValueError(f"two definitions of {kind} {name!r}: each id must be unique")
        seen.add(name)
