"""A suite's file: a header and cases, one a line, and errors that name the file, the line and the field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.suite import Shelf, SuiteError, load_suite, schema
from rag import Case, CaseTurn, Header
from rag.cases import Evidence, append_case

HEADER = '{"suite": "mine", "reports": "reports", "about": "Of mine."}'


def write(folder: Path, *lines: str) -> Path:
    path = folder / "mine.jsonl"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    return str(caught.value)


def test_a_suite_is_a_header_and_cases(tmp_path: Path) -> None:
    case = {
        "id": "b",
        "question": " And then? ",
        "history": [{"question": "What happened?", "answer": "Much."}],
        "reports": ["a.md"],
        "answerable": True,
        "reference": "Nothing.",
        "references": ["It ended."],
        "facts": [["nothing", "none"]],
        "evidence": [{"report": "a.md", "pages": [2, 3], "quote": "Nothing more."}],
        "tags": ["follow-up"],
        "note": "Of two pages.",
    }
    path = write(tmp_path, HEADER, '{"id": "a", "question": "Why?", "answerable": false}', "", json.dumps(case))
    suite = load_suite(path)
    assert (suite.name, suite.about, suite.source) == ("mine", "Of mine.", str(path))
    assert suite.cases == (
        Case(id="a", question="Why?", answerable=False),
        Case(
            id="b",
            question="And then?",
            history=(CaseTurn(question="What happened?", answer="Much."),),
            reports=("a.md",),
            reference="Nothing.",
            references=("It ended.",),
            facts=(("nothing", "none"),),
            evidence=(Evidence(report="a.md", pages=(2, 3), quote="Nothing more."),),
            tags=("follow-up",),
            note="Of two pages.",
        ),
    )
    # Blank lines count.
    assert suite.lines == {"a": 2, "b": 4}
    assert suite.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("header", "paths", "home"),
    [
        ('{"suite": "s", "reports": "../shelf"}', ("../shelf",), None),
        ('{"suite": "s", "home": ".rag"}', (), ".rag"),
        ('{"suite": "s"}', (), None),
    ],
)
def test_what_a_suite_asks_over_is_relative_to_its_file(
    tmp_path: Path, header: str, paths: tuple[str, ...], home: str | None
) -> None:
    suite = load_suite(write(tmp_path, header))
    assert suite.shelf == Shelf(
        paths=tuple(tmp_path / path for path in paths), home=None if home is None else tmp_path / home
    )
    assert suite.cases == ()


def test_a_suite_that_cases_were_appended_to_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    # A line separator of Unicode is no end of a line, and JSON leaves it as it is.
    cases = [Case(id="a", question="Why?"), Case(id="b", question="Who?", note="one\u2028two\x85three")]
    for case in cases:
        append_case(path, case, Header(suite="mine"))
    suite = load_suite(path)
    assert list(suite.cases) == cases
    assert suite.lines == {"a": 2, "b": 3}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"id": "a", "question" "x"}', "line 2, column 24: Expecting ':' delimiter."),
        ('{"id": "a"}', "line 2: question: Field required."),
        ('{"id": "a", "question": " "}', "line 2: question: String should have at least 1 character."),
        ('{"id": "a", "question": "Why?", "anwserable": false}', "line 2: anwserable: Extra inputs are not permitted."),
        ('{"id": "a", "question": "Why?", "facts": [[]]}', "line 2: facts.0: Tuple should have at least 1 item"),
        (
            '{"id": "a", "question": "Why?", "evidence": [{"report": "a.md", "pages": [0]}]}',
            "line 2: evidence.0.pages.0: Input should be greater than or equal to 1",
        ),
        (
            '{"id": "a", "question": "Why?", "evidence": [{"report": "a.md", "pages": []}]}',
            "line 2: evidence.0.pages: Tuple should have at least 1 item",
        ),
        (
            '{"id": "a", "question": "Why?", "answerable": false, "reference": "So.", "facts": [["so"]]}',
            "line 2: the line: Value error, the case is not answerable and yet has reference and facts.",
        ),
        (
            '{"id": "a", "question": "Why?", "reference": "So.", "references": ["That.", ""]}',
            "line 2: references.1: String should have at least 1 character.",
        ),
        (
            '{"id": "a", "question": "Why?", "references": ["So."]}',
            "line 2: the line: Value error, references are further answers beside a reference, which is not there.",
        ),
        ('["a"]', "line 2: the line: Input should be a valid dictionary"),
    ],
)
def test_a_line_that_is_wrong_is_named_with_its_field(tmp_path: Path, line: str, fault: str) -> None:
    path = write(tmp_path, HEADER, line)
    assert refused(path).startswith(f"{path}, {fault}")


def test_a_first_line_that_is_no_header_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, '{"id": "a", "question": "Why?"}')
    assert refused(path).startswith(f"{path}, line 1: suite: Field required; id: Extra inputs are not permitted")


def test_an_id_that_is_taken_is_named_with_all_its_lines(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, *('{"id": "a", "question": "Why?"}', '{"id": "b", "question": "Who?"}') * 2)
    assert refused(path) == f"{path}, lines 2, 4: id: 'a' is taken 2 times. Give each its own."


def test_a_file_that_is_empty_or_not_there_or_no_text_says_what_to_do(tmp_path: Path) -> None:
    empty, binary, absent = tmp_path / "empty.jsonl", tmp_path / "binary.jsonl", tmp_path / "absent.jsonl"
    empty.write_text("\n \n", encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    assert refused(empty).startswith(f'{empty} is empty. Its first line is like {{"suite": "mine"')
    assert refused(binary).startswith(f"{binary} cannot be read: 'utf-8' codec can't decode")
    assert refused(absent).startswith(f"{absent} cannot be read: ")
    assert refused(tmp_path).startswith(f"{tmp_path} cannot be read: ")


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (found for one in value.values() for found in references(one))
        yield from (value["$ref"] for _ in range(1) if isinstance(value.get("$ref"), str))
    elif isinstance(value, list):
        yield from (found for one in value for found in references(one))


def test_the_schema_describes_a_header_and_a_case_and_refers_to_what_it_holds() -> None:
    plain = json.loads(json.dumps(schema()))
    assert [one["title"] for one in plain["oneOf"]] == ["Header", "Case"]
    assert set(plain["oneOf"][1]["required"]) == {"id", "question"}
    for reference in set(references(plain)):
        # "#/a/b" is a path from the root of the whole schema.
        place = plain
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, f"{reference} leads nowhere"
            place = place[part]
