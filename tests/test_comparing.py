"""Questions asked of every report: what each says, what none says, what fails in one cell, and stopping."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from threading import Event, Timer

import pytest
from asking import CALL, CREW, REPORTS, WHEN, chains
from chat_models import Scripted, number_of

from rag.chain import AnswerChain
from rag.comparing import Cell, Entry, Numbering, compare, tabulate
from rag.comparing.competing import CompetingRetriever
from rag.embedding import Embedding
from rag.errors import LibraryError, QuestionError, UnknownReport
from rag.library import Library, report_id
from rag.prompts import NOT_SAID
from rag.reranking import load_reranker
from rag.types import Answer, Citation, Question, Report, Statement

WHO = "How large is the crew of Tiangong?"
CARGO, CREWS, EUROPE = (report_id(f"{title}.md") for title in REPORTS)

Build = Callable[..., AnswerChain]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Iterator[Build]:
    with chains(tmp_path_factory.mktemp("comparing"), minilm, **REPORTS) as build:
        yield build


def said(cell: Cell) -> str:
    return cell.answer.statements[0].text if cell.answer and cell.answer.answered else "not stated"


def test_every_report_is_asked_every_question_by_itself(build: Build) -> None:
    cells = list(compare(build(), [WHEN, WHO]))
    assert [(cell.report.title, cell.question, said(cell)) for cell in cells] == [
        ("Cargo", WHEN, CALL),
        ("Cargo", WHO, "not stated"),
        ("Crews", WHEN, "not stated"),
        ("Crews", WHO, CREW),
        ("Europe", WHEN, "not stated"),
        ("Europe", WHO, "not stated"),
    ]
    assert [cell.stated for cell in cells] == [True, False, False, True, False, False]
    for cell in cells:
        assert cell.answer is not None
        assert {one.report for one in cell.answer.citations} <= {cell.report.id}
        assert cell.stated or cell.answer.text == NOT_SAID


def test_the_reports_that_are_named_are_asked_in_that_order_and_each_question_once(build: Build) -> None:
    cells = compare(build(), [f" {WHEN} ", WHEN], reports=[EUROPE, CARGO, EUROPE])
    assert [(cell.report.id, cell.question) for cell in cells] == [(EUROPE, WHEN), (CARGO, WHEN)]


@pytest.mark.parametrize(
    ("questions", "reports", "error", "says"),
    [
        ([], None, QuestionError, "A question is empty"),
        ([WHEN, " "], None, QuestionError, "A question is empty"),
        ([WHEN], (), QuestionError, "No report is chosen"),
        ([WHEN], ["nowhere"], UnknownReport, "No report has the id 'nowhere'"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is(
    build: Build, questions: list[str], reports: list[str] | None, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        compare(build(), questions, reports=reports)


def test_an_empty_library_has_nothing_to_compare(library: Library, hashed: Embedding) -> None:
    from rag.chain import build_chain

    chain = build_chain(library, hashed)
    with pytest.raises(LibraryError, match=r"There are no reports to compare\. Add some with: rag add PATH"):
        compare(chain, [WHEN])
    chain.close()


def test_a_report_says_the_same_as_when_it_alone_is_searched(build: Build) -> None:
    chain = build()
    (cell,) = compare(chain, [WHEN], reports=[CARGO])
    alone = chain.invoke(Question(WHEN, reports=(CARGO,)))
    assert cell.answer is not None
    assert (cell.answer.statements, cell.answer.citations) == (alone.statements, alone.citations)


def test_what_fails_in_one_cell_is_kept_there_in_words_and_the_others_go_on(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = CompetingRetriever.passages

    def failing(retriever: CompetingRetriever, question: Question, vector: object = None) -> object:
        if question.reports == (CARGO,):
            raise UnknownReport("It was removed.")
        if question.reports == (CREWS,):
            raise ZeroDivisionError
        return passages(retriever, question, vector)  # type: ignore[arg-type]

    monkeypatch.setattr(CompetingRetriever, "passages", failing)
    cargo, crews, europe = compare(build(), [WHEN])
    assert (cargo.answer, cargo.error) == (None, "It was removed.")
    assert crews.error == "Something went wrong in Footnote itself, not in the report. The log says what."
    assert (europe.error, europe.stated) == ("", False)


def test_closing_the_iterator_stops_the_work(build: Build) -> None:
    model = Scripted(writes=lambda prompt: [f"{CALL} [{number_of('cargo proposals', prompt)}]"])
    cells = compare(build(model=model), [WHEN, f"{WHEN} Say it again."])
    assert said(next(cells)) == CALL
    assert len(model.prompts) == 1
    cells.close()  # type: ignore[attr-defined]
    time.sleep(0.1)
    assert len(model.prompts) == 1
    assert list(cells) == []


def test_a_stop_ends_the_wait_for_a_model_and_gives_no_half_cell(build: Build) -> None:
    model = Scripted(
        writes=lambda prompt: [f"{CALL} [{number_of('cargo proposals', prompt)}] And", *[0.02, " so"] * 900]
    )
    stopped = Event()
    Timer(1.0, stopped.set).start()
    began = time.monotonic()
    assert list(compare(build(model=model), [WHEN], stopped=stopped)) == []
    assert time.monotonic() - began < 10
    assert model.ended.wait(timeout=2)


def test_what_lies_far_behind_the_librarys_best_passage_is_not_found(build: Build) -> None:
    chain = build(reranker=load_reranker(dtype="float32"))
    best = max(one.relevance or 0.0 for one in chain.retriever.passages(Question(WHEN)))
    competing = CompetingRetriever.over(chain.retriever)
    for report in (CARGO, CREWS, EUROPE):
        question = Question(WHEN, reports=(report,))
        (alone,) = chain.retriever.passages(question)
        near = (alone.relevance or 0.0) >= best - competing.behind
        assert [one.chunk for one in competing.passages(question)] == ([alone.chunk] if near else [])
    assert [one.report.id for one in competing.passages(Question(WHEN))] == [CARGO]


def test_without_a_reranker_nothing_is_left_out(build: Build) -> None:
    retriever = build().retriever
    assert CompetingRetriever.over(retriever).passages(Question(WHEN)) == retriever.passages(Question(WHEN))


def test_a_cell_is_given_as_json_with_its_whole_answer(build: Build) -> None:
    cell = next(compare(build(), [WHEN], reports=[CARGO]))
    assert cell.answer is not None
    plain = json.loads(json.dumps(cell.to_json()))
    assert Answer.from_json(plain.pop("answer")) == cell.answer
    assert plain == {"report": CARGO, "title": "Cargo", "date": None, "question": WHEN, "stated": True, "error": ""}


def cell(report: str, question: str, *cited: tuple[int, ...], support: str = "verified") -> Cell:
    """A cell with a statement for each tuple of the starts of what it cites."""
    starts = list(dict.fromkeys(start for one in cited for start in one))
    citations = tuple(
        Citation(report, f"sha-{report}", report, None, 1, "p. 1", f"quote {start}", start, start + 1, number)
        for number, start in enumerate(starts, start=1)
    )
    statements = tuple(
        Statement(f"Said at {one}.", tuple(starts.index(start) + 1 for start in one), support)  # type: ignore[arg-type]
        for one in cited
    )
    about = Report(report, f"sha-{report}", f"{report}.md", report, "markdown", None, 1, 1, 1, "")
    return Cell(
        about, question, Answer(question, question, answered=bool(cited), statements=statements, citations=citations)
    )


def test_citations_are_numbered_over_the_whole_table_by_first_mention() -> None:
    table = tabulate([cell("a", "x", (5,), (7, 5)), cell("a", "y"), cell("b", "x", (5,)), cell("b", "y", (5,), (1,))])
    assert [report.id for report in table.reports] == ["a", "b"]
    assert table.questions == ("x", "y")
    numbers = {at: [one.citations for one in entry.statements] for at, entry in table.entries.items()}
    assert numbers == {("a", "x"): [(1,), (2, 1)], ("a", "y"): [], ("b", "x"): [(3,)], ("b", "y"): [(3,), (4,)]}
    assert [(one.number, one.report, one.start) for one in table.citations] == [
        (1, "a", 5), (2, "a", 7), (3, "b", 5), (4, "b", 1)
    ]  # fmt: skip


def test_a_cell_reads_as_its_statements_with_marks_and_verdicts_or_as_not_stated_or_as_its_error() -> None:
    numbering = Numbering()
    assert numbering.entry(cell("a", "x", (5,), (7, 5))).text == "Said at (5,). [1] Said at (7, 5). [2][1]"
    assert numbering.entry(cell("a", "y", (9,), support="partial")).text == "Said at (9,). [3] (partial)"
    assert numbering.entry(cell("a", "z")).text == "Not stated"
    assert Entry(error="It was removed.").text == "Could not be asked: It was removed."
    assert tabulate([cell("a", "x")]).text("a", "never asked") == ""
