"""Outputs that were cut short, read back: whole records, and where the last one ends."""

import io
from pathlib import Path

import pytest

from service.errors import UsageError
from service.output import held as module
from service.output.csv import CSV
from service.output.format import Format, Held
from service.output.held import HeldOutput
from service.output.jsonl import JSONL
from tests.service.output.verdicts import failed, judged, reached, verdict
from workers.counted import read_counted
from workers.model import Finding, Observatory, Report, Severity, Verdict

FORMATS = [JSONL, CSV]


def read(path: Path, output_format: Format) -> tuple[HeldOutput, list[Held]]:
    output, seen = HeldOutput(path, output_format), list[Held]()
    with path.open("rb") as file:
        output.read(file, seen.append)
    return output, seen


def verdicts() -> list[Verdict]:
    """Three, one with all that makes a cell of CSV hard to read."""
    severities: tuple[Severity, ...] = ("low", "high", "low")
    findings = tuple(Finding("x", severity, "", "", None, None, "") for severity in severities)
    report = Report(gradable=True, observatory=Observatory(6, "B", 70, {}), findings=findings, partial=True)
    return [
        judged(report, reached(2, input="=a")),
        verdict(failed(1, message='x", "y\n"\r\n\r')),
        verdict(reached(4, input="\xe9")),
    ]


def rows(output_format: Format) -> list[bytes]:
    return [output_format.write(verdict) for verdict in verdicts()]


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_cut_at_any_byte_leaves_whole_records_and_a_rest(tmp_path: Path, output_format: Format) -> None:
    parts = [output_format.begin, *rows(output_format)]
    ends = [len(b"".join(parts[: n + 1])) for n in range(len(parts))]
    whole = b"".join(parts)
    path = tmp_path / "out"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        output, seen = read(path, output_format)
        assert output.end == max((end for end in ends if end <= cut), default=0)
        assert (output.count, output.torn) == (sum(end <= cut for end in ends[1:]), cut - output.end)
        assert [held.verdict.seq for held in seen] == [2, 1, 4][: output.count]
    assert (output.last, [output.has(seq) for seq in (1, 2, 3, 4, 5)]) == (
        4,
        [True, True, False, True, False],
    )


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_record_read_back_counts_as_it_did(tmp_path: Path, output_format: Format) -> None:
    path = tmp_path / "out"
    path.write_bytes(output_format.begin + b"".join(rows(output_format)))
    _, seen = read(path, output_format)
    for held, written in zip(seen, verdicts(), strict=True):
        back = held.verdict
        assert (back.status, back.grade, back.partial) == (written.status, written.grade, written.partial)
        assert sorted(severity for _, severity in read_counted(back.counted)) == sorted(
            severity for _, severity in read_counted(written.counted)
        )
        assert (back.failure and back.failure.code) == (written.failure and written.failure.code)


@pytest.mark.parametrize("output_format", FORMATS)
def test_an_input_is_known_in_the_spelling_of_the_format(tmp_path: Path, output_format: Format) -> None:
    path = tmp_path / "out"
    path.write_bytes(output_format.begin + b"".join(rows(output_format)))
    output, _ = read(path, output_format)
    assert output.agrees(2, "=a")
    assert not output.agrees(2, "=b")
    number, _ = output.find(4)
    assert path.read_bytes().split(b"\n")[number - 1].startswith((b'{"schema":1,"seq":4,', b"4,"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n', "line 1: expected a record as this version writes it: Object missing required field"),
        (b"\n", "line 1: expected a record"),
        (rows(JSONL)[0] * 2, "line 2: expected one record of each URL, got a second of URL 2;"),
        (rows(JSONL)[0] + b"nothing\n" + rows(JSONL)[1], "line 2: expected a record"),
        (rows(JSONL)[0].replace(b'"seq":2', b'"seq":268435457'), "expected a seq of at most 268,435,456"),
        (rows(JSONL)[0].replace(b'"seq":2', b'"seq":0'), "line 1: expected a record"),
        (rows(JSONL)[0].replace(b'"schema":1', b'"schema":2'), "line 1: expected a record"),
    ],
)
def test_what_is_no_output_of_ours_is_told_with_its_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "out"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read(path, JSONL)
    assert str(caught.value).startswith(f"{path}: line ")
    assert message in str(caught.value)


@pytest.mark.parametrize("row", [b"1,2\r\n", b"x" + rows(CSV)[0], b'"\xff",\r\n', b'a"b"c"",\r\n'])
def test_a_row_that_is_no_record_is_told_with_its_line(tmp_path: Path, row: bytes) -> None:
    path = tmp_path / "out"
    path.write_bytes(CSV.begin + row)
    with pytest.raises(UsageError, match="line 2: expected a record as this version writes it"):
        read(path, CSV)


def test_other_columns_are_told(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"seq,input\r\n1,a\r\n")
    with pytest.raises(UsageError, match="line 1: expected 'seq,input,url"):
        read(path, CSV)


def test_a_line_without_end_is_not_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_LIMIT_BYTES", 1_000)
    path = tmp_path / "out"
    path.write_bytes(b"x" * 2_000)
    with pytest.raises(UsageError, match="less than 1,000 bytes"):
        read(path, JSONL)


def test_a_format_that_is_one_document_is_refused() -> None:
    with pytest.raises(ValueError, match="read back"):
        HeldOutput(Path("out"), Format(lambda _: b""))


def test_marks_are_four_bytes_a_url() -> None:
    output = HeldOutput(Path("out"), JSONL)
    output.read(io.BytesIO(rows(JSONL)[0].replace(b'"seq":2', b'"seq":1000000')), lambda _: None)
    marks = output._marks
    assert marks.itemsize * len(marks) == 4_000_000
