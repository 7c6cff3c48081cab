"""Removing a report: conversations keep what they quote, the receipt says how many do, and a purge blanks it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from rag import cli
from rag.conversations import Conversations
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.purging import STATEMENT_GONE, VALUE_GONE, blanked
from rag.transcripts import Exchange
from rag.types import Answer, Citation, Conflict, ConflictValue, Question, Refusal, Source, Statement
from tests.conftest import put

GONE, KEPT = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


def cited(report: str, quote: str, number: int) -> Citation:
    return Citation(report, "d" * 64, "Title", "2024", 1, "p. 1", quote, 0, len(quote), number=number)


def near(report: str, quote: str) -> Source:
    return Source(report, "d" * 64, "Title", None, 1, "p. 1", quote, 0, len(quote))


def answered(*said: tuple[str, tuple[int, ...]], citations: tuple[Citation, ...], **more: object) -> Answer:
    text = " ".join(words + "".join(f" [{number}]" for number in numbers) for words, numbers in said)
    statements = tuple(Statement(words, numbers, "verified") for words, numbers in said)
    return Answer("Who?", "Who?", answered=True, text=text, statements=statements, citations=citations, **more)  # type: ignore[arg-type]


TWO = answered(
    ("Three live there.", (1,)),
    ("Six did in May.", (2,)),
    ("It went from six to three.", (2, 1)),
    citations=(cited(GONE, "Three live there.", 1), cited(KEPT, "Six did in May.", 2)),
    conflicts=(Conflict((0, 1), (ConflictValue("three", "2024", 1), ConflictValue("six", "2024", 2))),),
)
REFUSED = Answer(
    "Who?",
    "Who?",
    text="The reports do not say.",
    refusal=Refusal("Not said.", ("who",), (near(GONE, "Three live there."), near(KEPT, "Six did in May."))),
)
OTHER = answered(("Six did in May.", (1,)), citations=(cited(KEPT, "Six did in May.", 1),))


def blank(answer: Answer) -> Answer:
    return Answer.from_json(blanked(answer.to_json(), GONE))


def test_what_an_answer_has_of_the_report_goes_and_the_rest_stays() -> None:
    assert blank(TWO) == answered(
        (STATEMENT_GONE, (1,)),
        ("Six did in May.", (2,)),
        (STATEMENT_GONE, (2, 1)),
        citations=(
            Citation(GONE, "d" * 64, "Title", "2024", 1, "p. 1", "", 0, 17, number=1),
            cited(KEPT, "Six did in May.", 2),
        ),
        conflicts=(Conflict((0, 1), (ConflictValue(VALUE_GONE, "2024", 1), ConflictValue("six", "2024", 2))),),
    )


def test_a_refusals_nearest_places_are_blanked_as_well() -> None:
    blanked = blank(REFUSED)
    assert blanked.refusal is not None and REFUSED.refusal is not None
    assert [one.quote for one in blanked.refusal.nearest] == ["", "Six did in May."]
    assert (blanked.text, blanked.refusal.missing) == (REFUSED.text, ("who",))


def test_an_answer_that_has_nothing_of_the_report_stays_as_it_is() -> None:
    assert blank(OTHER) == OTHER


def test_a_statement_that_is_part_of_another_leaves_nothing_of_it() -> None:
    answer = answered(("Three.", (1,)), ("Three. And the moon.", (1,)), citations=(cited(GONE, "Three.", 1),))
    assert blank(answer).text == f"{STATEMENT_GONE} [1] {STATEMENT_GONE} [1]"


def test_an_answer_of_a_newer_version_is_blanked_wherever_it_quotes_the_report() -> None:
    newer = TWO.to_json() | {"version": 2, "asides": [{"deep": {"report": GONE, "quote": "Three."}}], "conflicts": {}}
    plain = blanked(newer, GONE)
    assert plain["asides"] == [{"deep": {"report": GONE, "quote": ""}}]
    assert "hree" not in json.dumps(plain)


@pytest.fixture
def talked(library: Library, hashed: Embedding) -> tuple[Library, str, dict[str, str]]:
    """A library of two reports, the id of one, and three conversations by name: two of them quote it."""
    gone = put(library, hashed, "gone.md", "Three live there.").id
    put(library, hashed, "kept.md", "Six did in May.")
    kept = Conversations(library)
    ids = {}
    for name, answers in (("both", (TWO, REFUSED)), ("near", (REFUSED,)), ("other", (OTHER,))):
        ids[name] = kept.begin(name).id
        for number, answer in enumerate(answers):
            plain = json.loads(json.dumps(answer.to_json()).replace(GONE, gone))
            kept.save(ids[name], Exchange(number, Question("Who?"), Answer.from_json(plain)))
    return library, gone, ids


def rows(library: Library) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(library.home / "library.db")) as connection:
        return connection.execute("SELECT c.title, e.answer, e.words FROM exchanges e JOIN conversations c "
                                  "ON c.id = e.conversation ORDER BY c.title, e.number").fetchall()  # fmt: skip


def test_the_receipt_says_how_many_conversations_still_quote_the_report_and_they_stay(
    talked: tuple[Library, str, dict[str, str]],
) -> None:
    library, gone, _ = talked
    before = rows(library)
    receipt = Indexes(library).remove(gone)
    assert (receipt.conversations, receipt.blanked) == (2, 0)
    assert rows(library) == before


def test_a_purge_blanks_the_quotes_of_every_conversation(talked: tuple[Library, str, dict[str, str]]) -> None:
    library, gone, ids = talked
    kept = Conversations(library)
    other = kept.exchanges(ids["other"])
    receipt = Indexes(library).remove(gone, purge=True)
    assert (receipt.conversations, receipt.blanked) == (0, 2)
    assert not any("Three live" in answer or "three live" in words for _, answer, words in rows(library))
    assert [one.answer.text for one in kept.exchanges(ids["both"]) if one.answer] == [
        f"{STATEMENT_GONE} [1] Six did in May. [2] {STATEMENT_GONE} [2] [1]",
        "The reports do not say.",
    ]
    assert kept.exchanges(ids["other"]) == other
    assert [one.title for one in kept.all("live")] == []


def test_what_was_removed_before_is_blanked_later_by_its_id(talked: tuple[Library, str, dict[str, str]]) -> None:
    library, gone, _ = talked
    Indexes(library).remove(gone)
    kept = Conversations(library)
    assert (kept.blank(gone), kept.blank(gone), kept.blank("no such report")) == (2, 0, 0)
    assert library.generation() == 3


def test_a_conversation_that_was_blanked_quotes_the_report_no_more(
    talked: tuple[Library, str, dict[str, str]], hashed: Embedding
) -> None:
    library, gone, _ = talked
    Conversations(library).blank(gone)
    assert Indexes(library).remove(gone).conversations == 0


def test_the_command_says_what_is_left_and_purges_then_or_later(
    talked: tuple[Library, str, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    library, gone, _ = talked

    def run(*words: str) -> tuple[int, str]:
        status = cli.main([*words, "--home", str(library.home)])
        return status, capsys.readouterr().out

    status, said = run("remove", gone)
    assert (status, said.splitlines()[1:]) == (
        0,
        [f"  2 conversations still quote it; to blank that: rag remove {gone} --purge"],
    )
    assert run("remove", gone, "--purge") == (0, f"blanked: what 2 conversations quoted of {gone}\n")
    assert run("remove", gone, "--purge")[0] == 1
    assert rows(library)[0][1].count(STATEMENT_GONE) == 4


def test_the_command_purges_at_once_and_tells_it_as_json(
    talked: tuple[Library, str, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    library, gone, _ = talked
    assert cli.main(["remove", "gone.md", "--purge", "--json", "--home", str(library.home)]) == 0
    receipt = json.loads(capsys.readouterr().out)
    assert (receipt["report"]["id"], receipt["conversations"], receipt["blanked"]) == (gone, 0, 2)


def test_a_purge_of_what_nobody_quotes_says_nothing_of_it(
    library: Library, hashed: Embedding, capsys: pytest.CaptureFixture[str]
) -> None:
    put(library, hashed, "a.md", "Text.", title="T")
    Indexes(library).catch_up()
    assert cli.main(["remove", "a.md", "--purge", "--home", str(library.home)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_an_answer_that_is_no_json_is_left_alone(talked: tuple[Library, str, dict[str, str]]) -> None:
    library, gone, ids = talked
    with closing(sqlite3.connect(library.home / "library.db")) as connection, connection:
        connection.execute("UPDATE exchanges SET answer = ? WHERE conversation = ?", (f'{{"{gone}', ids["near"]))
    assert Indexes(library).remove(gone, purge=True).blanked == 1
