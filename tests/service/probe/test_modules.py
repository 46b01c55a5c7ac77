"""The file of modules: what it may say, and of each bad one exactly what is wrong, and where.

A file in `testdata` tells at its end, in lines that begin with `#!`, what is told of it.
"""

import re
from pathlib import Path

import pytest
import yaml
from msgspec import structs

from service.errors import UsageError
from service.probe.document import show
from service.probe.expectations import CODES
from service.probe.module import HttpProbe, TlsConfig
from service.probe.modules import FILE_LIMIT_BYTES, MODULES_LIMIT, load_modules

RUNBOOK = Path(__file__).parents[3] / "deploy" / "README.md"
TESTDATA = Path(__file__).parent / "testdata"
BAD = sorted(TESTDATA.glob("*.yml"))
MARK = "#! "

GOOD = """\
modules:
  base: &base
    prober: http
    timeout: 1m30s
    http: &http
      method: HEAD
      headers: {X-A: no, Authorization: Bearer secret}
      valid_status_codes: [200, 300]
      fail_if_header_matches: [{header: Server, regexp: "a.*b", allow_missing: yes}]
      fail_if_grade_below: b
      fail_if_findings_above: {high: 0}
  merged:
    <<: *base
    http: {<<: *http, method: GET}
  empty: {prober: http, http: }
"""


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "modules.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_file_is_refused_with_each_fault_and_its_place(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [line.removeprefix(MARK) for line in file.read_text().splitlines() if line.startswith(MARK)]
    monkeypatch.chdir(TESTDATA)
    with pytest.raises(UsageError) as caught:
        load_modules(Path(file.name))
    assert list(caught.value.faults) == [f"modules: {file.name}, {fault}" for fault in expected]


def test_there_is_always_the_module_that_blackbox_exporter_takes_for_granted(tmp_path: Path) -> None:
    assert list(load_modules(None)) == ["http_2xx"]
    assert list(load_modules(write(tmp_path, ""))) == ["http_2xx"]
    assert load_modules(None)["http_2xx"].http.method == "GET"


def test_a_file_can_have_its_own(tmp_path: Path) -> None:
    modules = load_modules(write(tmp_path, "modules: {http_2xx: {prober: http, http: {method: HEAD}}}"))
    assert modules["http_2xx"].http.method == "HEAD"


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    modules = load_modules(write(tmp_path, GOOD))
    base, merged = modules["base"], modules["merged"]
    assert base.timeout == 90.0
    assert base.http.headers == {"X-A": "no", "Authorization": "Bearer secret"}  # `no` is no boolean here
    assert base.http.fail_if_header_matches[0].regexp.search("xaxxb")
    assert base.http.fail_if_header_matches[0].allow_missing
    assert base.http.fail_if_grade_below == "B"
    assert base.http.fail_if_findings_above.items() == [("high", 0)]
    assert (merged.http.method, merged.http.headers) == ("GET", base.http.headers)
    assert modules["empty"].http == load_modules(None)["http_2xx"].http


def test_a_module_is_shown_as_it_would_be_written_and_without_its_credentials(tmp_path: Path) -> None:
    modules = load_modules(write(tmp_path, GOOD))
    shown = show(modules["base"])
    assert "secret" not in str(shown)
    again = write(tmp_path, yaml.safe_dump({"modules": {"base": shown}}))
    assert show(load_modules(again)["base"]) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff", "cannot be read: expected UTF-8, got"),
        (b"#" * (FILE_LIMIT_BYTES + 1), f"expected at most {FILE_LIMIT_BYTES} bytes, got more"),
        (
            yaml.safe_dump({"modules": {f"m{n}": {"prober": "http"} for n in range(MODULES_LIMIT)}}),
            f"expected at most {MODULES_LIMIT} modules, got {MODULES_LIMIT + 1}",
        ),
    ],
)
def test_what_is_no_file_of_modules_is_refused(text: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        load_modules(write(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yml: cannot be read: .*No such file"):
        load_modules(tmp_path / "nowhere.yml")


def test_a_pattern_takes_no_longer_for_what_a_server_may_send(tmp_path: Path) -> None:
    """RE2's bound: what takes other engines years is over at once."""
    text = 'modules: {a: {prober: http, http: {fail_if_header_matches: [{header: A, regexp: "(a+)+$"}]}}}'
    regexp = load_modules(write(tmp_path, text))["a"].http.fail_if_header_matches[0].regexp
    assert not regexp.search("a" * 60_000 + "b")


def test_the_runbook_s_module_is_one_and_its_tables_name_every_key_and_code(tmp_path: Path) -> None:
    runbook = RUNBOOK.read_text(encoding="utf-8")
    section = runbook.partition("## Modules of probes\n")[2].partition("## Upgrade\n")[0]
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    assert list(load_modules(write(tmp_path, block))) == ["http_2xx", "hardened"]
    named = set(re.findall(r"`(\w+)`", section))
    assert {info.encode_name for info in structs.fields(HttpProbe)} - named == set()
    assert {info.encode_name for info in structs.fields(TlsConfig)} - named == set()
    assert set(CODES) - named == set()
