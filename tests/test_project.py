"""Rules of the project that are worth a failing test."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGES = ("service", "workers")
MODULE_LIMIT_LINES = 250
TOP_LEVEL = {
    *PACKAGES,
    *("deploy", "tests", ".ci", ".gitignore", ".dockerignore", "docker-compose.yml"),
    *("pyproject.toml", "Makefile"),
    *("README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"),
    *("requirements.lock", "requirements-dev.lock", "requirements-build.lock"),
}
LOCKS = sorted(ROOT.glob("requirements*.lock"))
SIDE_LOCKS = sorted([*ROOT.glob(".ci/*.lock"), *ROOT.glob("tests/*/*.lock")])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# A lock's every line is one of these; none has room for a host or a path.
PINNED = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.+!]+)( ; [\w.'\" <>=!()]+)? \\")
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?")
ORIGIN = re.compile(r" {4}# +(via )?[\w.() -]*")
# What README points at in the tree: a link's target, or a path in code that begins with one of its folders.
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
FOLDER_PATH = re.compile(r"`((?:service|workers|deploy|tests|\.ci)/[\w./*-]*)`")
FILE = re.compile(r"`([A-Z]+\.md|requirements[\w-]*\.lock|pyproject\.toml|docker-compose\.yml)`")


def test_imports_run_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_a_module_fits_its_limit(package: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n")
        for path in (ROOT / package).rglob("*.py")
    }
    assert lengths
    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LIMIT_LINES} == {}


def test_the_top_level_holds_what_it_is_meant_to_hold() -> None:
    try:
        listed = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    assert {line.split("/")[0] for line in listed.splitlines()} <= TOP_LEVEL


@pytest.mark.parametrize("lock", [*LOCKS, *SIDE_LOCKS], ids=lambda lock: lock.name)
def test_a_lock_pins_and_hashes_every_package_and_names_no_place(lock: Path) -> None:
    """Which index or mirror serves a package is the machine's affair; what is served is the lock's."""
    names_without_hash: list[str] = []
    previous = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        assert PINNED.fullmatch(line) or HASH.fullmatch(line) or ORIGIN.fullmatch(line), line
        if PINNED.fullmatch(previous) and not HASH.fullmatch(line):
            names_without_hash.append(previous)
        previous = line
    assert names_without_hash == []
    assert not PINNED.fullmatch(previous)


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        (
            "requirements-dev.lock",
            PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"] + ["hatchling", "editables"],
        ),
        ("requirements-build.lock", ["hatchling", "editables"]),
    ],
)
def test_a_lock_meets_the_project_s_requirements(lock: str, requirements: list[str]) -> None:
    """`make lock` writes them anew."""
    pins = dict(_pins(ROOT / lock))
    for requirement in map(Requirement, requirements):
        assert requirement.name in pins, f"{requirement} is not locked"
        assert requirement.specifier.contains(pins[requirement.name]), requirement


def test_the_locks_agree() -> None:
    """All three can be in one environment: what runs in production is what was tested."""
    tested = dict(_pins(ROOT / "requirements-dev.lock"))
    for lock in LOCKS:
        assert dict(_pins(lock)).items() <= tested.items()


def test_every_path_that_readme_names_exists() -> None:
    named = {*LINK.findall(README), *FOLDER_PATH.findall(README), *FILE.findall(README)}
    assert {path for path in named if not any(ROOT.glob(path.rstrip("/")))} == set()


def test_every_link_within_readme_leads_to_a_heading() -> None:
    """Spelt as GitHub makes anchors of headings: lower case, hyphens for spaces, no punctuation."""
    headings = re.findall(r"^#+ (.+)$", README, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", README))
    assert links
    assert links - anchors == set()


def test_readme_says_of_every_dependency_why_it_is_there() -> None:
    """In a table `| package | what for | why this one |`."""
    optional = PROJECT["optional-dependencies"]
    declared = {
        Requirement(text).name.lower()
        for text in (*PROJECT["dependencies"], *(text for extra in optional.values() for text in extra))
    }
    first_cells = re.findall(r"^\| *([^|]+?) *\|", README, flags=re.MULTILINE)
    explained = {word.lower() for cell in first_cells for word in re.findall(r"[\w.-]+", cell)}
    assert declared - explained == set()


def _pins(lock: Path) -> Iterator[tuple[str, str]]:
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := PINNED.fullmatch(line):
            yield match["name"], match["version"]
