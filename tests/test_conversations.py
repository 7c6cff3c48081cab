"""Conversations are kept whole beside the reports, and come back as they were."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from rag import schema
from rag.conversations import Conversations
from rag.embedding import Embedding
from rag.errors import LibraryDamaged, LibraryError, UnknownConversation
from rag.library import Library
from rag.transcripts import Exchange, as_title
from rag.types import Answer, Citation, Question, Refusal, Statement
from tests.conftest import ROOT, put

CITED = Citation("r1", "d1", "Crews", "2023-05", 2, "p. 2", "Three live there.", 0, 17, number=1)
ANSWER = Answer(
    question="Who lives there?",
    standalone="Who lives there?",
    answered=True,
    text="Three live there. [1]",
    confidence=0.9,
    statements=(Statement("Three live there.", (1,), "verified"),),
    citations=(CITED,),
)
ASKED = Exchange(0, Question("Who lives there?"), ANSWER, writer="quotes")
# Begins an answer in a process of its own, says so, and waits to be killed.
WORKER = """
import sys, time
from pathlib import Path
from rag.conversations import Conversations
from rag.library import Library
from rag.transcripts import Exchange
from rag.types import Answer, Question
conversations = Conversations(Library(Path(sys.argv[1])))
conversations.save(sys.argv[2], Exchange(0, Question("Who?"), Answer("Who?", "Who?", stage="writing")))
print("saved", flush=True)
time.sleep(600)
"""


@pytest.fixture
def conversations(library: Library) -> Conversations:
    return Conversations(library)


def run_sql(home: Path, command: str, *values: object) -> None:
    with closing(sqlite3.connect(home / "library.db")) as connection, connection:
        connection.execute(command, values)


def test_a_library_without_conversations_has_none(conversations: Conversations) -> None:
    assert (conversations.all(), conversations.all("who")) == ((), ())


def test_an_exchange_comes_back_whole_from_a_library_opened_again(library: Library) -> None:
    kept = Conversations(library)
    begun = kept.begin("Who lives there?")
    question = Question("Who lives there?", reports=("r1",), since="2023", until="2024-05", kinds=("pdf",))
    exchange = Exchange(0, question, ANSWER, writer="quotes", thumb=0, remark="Kept as a case.")
    kept.save(begun.id, exchange)
    library.close()
    again = Conversations(Library(library.home))
    assert again.exchanges(begun.id) == (exchange,)
    assert again.get(begun.id) == replace(begun, exchanges=1, changed=again.get(begun.id).changed)


def test_no_report_chosen_and_all_of_them_stay_apart(conversations: Conversations) -> None:
    id = conversations.begin("Who?").id
    conversations.save(id, Exchange(0, Question("Who?", reports=()), ANSWER))
    conversations.save(id, Exchange(1, Question("Who?", reports=None), ANSWER))
    assert [one.question.reports for one in conversations.exchanges(id)] == [(), None]


def test_a_refusal_and_an_error_are_kept_as_well(conversations: Conversations) -> None:
    id = conversations.begin("Who?").id
    refused = Answer("Who?", "Who?", refusal=Refusal("Not said.", ("who",), ()))
    kept = (Exchange(0, Question("Who?"), refused), Exchange(1, Question("Who?"), error="The model is silent."))
    for one in kept:
        conversations.save(id, one)
    assert conversations.exchanges(id) == kept


def test_saving_a_number_again_replaces_it_and_as_the_last_one_drops_what_follows(conversations: Conversations) -> None:
    id = conversations.begin("Who?").id
    for number in range(4):
        conversations.save(id, replace(ASKED, number=number))
    conversations.save(id, replace(ASKED, number=1, thumb=1))
    assert [(one.number, one.thumb) for one in conversations.exchanges(id)] == [(0, None), (1, 1), (2, None), (3, None)]
    conversations.save(id, replace(ASKED, number=1, thumb=0), last=True)
    assert [(one.number, one.thumb) for one in conversations.exchanges(id)] == [(0, None), (1, 0)]
    assert conversations.get(id).exchanges == 2


def test_the_conversation_that_went_on_last_comes_first_and_a_thumb_moves_nothing(conversations: Conversations) -> None:
    first, second = (conversations.begin(title).id for title in ("First", "Second"))
    assert [one.id for one in conversations.all()] == [second, first]
    conversations.save(first, ASKED)
    assert [one.id for one in conversations.all()] == [first, second]
    conversations.save(second, ASKED)
    conversations.save(first, replace(ASKED, thumb=0, remark="Kept."))
    conversations.rename(first, "Renamed")
    assert [(one.id, one.title) for one in conversations.all()] == [(second, "Second"), (first, "Renamed")]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["Straße", "Crews"]),
        ("STRASSE", ["Straße"]),
        ("éléments", ["Straße"]),
        ("ÉLÉMENTS", ["Straße"]),
        ("e\u0301le\u0301ments", ["Straße"]),
        ("МОСКВА", ["Straße"]),
        ("three live", ["Crews"]),
        ("live crews", ["Crews"]),
        ("[1]", ["Crews"]),
        ("live москва", []),
        ("%", []),
        ("100_", []),
    ],
)
def test_a_search_looks_into_titles_questions_and_answers_whatever_the_case(
    conversations: Conversations, search: str, found: list[str]
) -> None:
    conversations.save(conversations.begin("Crews").id, ASKED)
    street = conversations.begin("Straße").id
    answer = replace(ANSWER, text="Москва, 100 of them.", statements=(), citations=())
    conversations.save(street, Exchange(0, Question("Quels Éléments?"), answer))
    assert [one.title for one in conversations.all(search)] == found


def test_a_deleted_conversation_is_gone_with_its_exchanges(library: Library, conversations: Conversations) -> None:
    gone, left = conversations.begin("Gone").id, conversations.begin("Left").id
    conversations.save(gone, ASKED)
    conversations.save(left, ASKED)
    conversations.delete(gone)
    assert [one.id for one in conversations.all()] == [left]
    with library.database.reading() as connection:
        assert list(connection.scalars(sa.select(schema.exchanges.c.conversation))) == [left]


@pytest.mark.parametrize(
    "use",
    [
        lambda kept: kept.get("nowhere"),
        lambda kept: kept.exchanges("nowhere"),
        lambda kept: kept.rename("nowhere", "A"),
        lambda kept: kept.delete("nowhere"),
        lambda kept: kept.save("nowhere", ASKED),
    ],
    ids=["get", "exchanges", "rename", "delete", "save"],
)
def test_an_unknown_id_is_an_error_that_names_the_next_step(
    library: Library, use: Callable[[Conversations], object]
) -> None:
    with pytest.raises(UnknownConversation) as caught:
        use(Conversations(library))
    said = "No conversation has the id 'nowhere'; it may have been deleted. See them all with: rag conversations"
    assert str(caught.value) == said


def test_ids_are_long_and_never_the_same(conversations: Conversations) -> None:
    ids = {conversations.begin("Who?").id for _ in range(50)}
    # 12 random bytes, four bits a letter; none begins as an option of the command line does.
    assert len(ids) == 50 and {len(id) for id in ids} == {24}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Who lives there?", "Who lives there?"),
        ("  Who\n\n lives\tthere? ", "Who lives there?"),
        ("Who\x00 lives\x1b[31m there?", "Who lives [31m there?"),
        ("", "Untitled"),
        (" \n", "Untitled"),
        ("a" * 80, "a" * 80),
        ("a" * 81, "a" * 79 + "…"),
        # 15 words of 4 letters and the spaces between them are 74 letters; a sixteenth would be 79 and leaves no room.
        ("word " * 20, "word " * 15 + "word…"),
        ("half of a letter \udc80", "half of a letter ?"),
    ],
)
def test_a_title_is_one_line_of_at_most_80_characters(text: str, title: str) -> None:
    assert as_title(text) == title
    assert len(title) <= 80


def test_conversations_raise_no_generation_and_wait_for_no_writer(library: Library, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "Text.")
    held, done = threading.Event(), threading.Event()

    def write() -> None:
        with library.writing():
            held.set()
            done.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    held.wait(60)
    try:
        kept = Conversations(Library(library.home))
        id = kept.begin("Who?").id
        kept.save(id, ASKED)
        kept.rename(id, "Else")
        kept.save(id, ASKED, last=True)
        kept.delete(id)
        assert writer.is_alive()
    finally:
        done.set()
        writer.join()
    assert library.generation() == 1


def test_an_answer_that_grows_is_no_stopped_one_for_anybody_while_its_process_lives(library: Library) -> None:
    id = Conversations(library).begin("Who?").id
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(library.home), id], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as worker:
        try:
            assert worker.stdout is not None and worker.stdout.readline() == "saved\n"
            [growing] = Conversations(library).exchanges(id)
            assert (growing.stopped, growing.done) == (False, False)
        finally:
            worker.kill()
    [left] = Conversations(library).exchanges(id)
    assert (left.stopped, left.done, left.answer) == (True, True, growing.answer)
    # What the dead left behind is cleaned up.
    assert list((library.home / "answering").iterdir()) == []


def test_an_answer_is_at_work_until_it_is_done_or_its_conversations_are_closed(library: Library) -> None:
    mine, reader = Conversations(library), Conversations(Library(library.home))
    id = mine.begin("Who?").id
    growing = replace(ANSWER, stage="writing")
    for exchange in (Exchange(0, Question("Who?")), Exchange(0, Question("Who?"), growing)):
        mine.save(id, exchange)
        assert mine.exchanges(id) == reader.exchanges(id) == (exchange,)
    mine.close()
    assert mine.exchanges(id) == reader.exchanges(id) == (Exchange(0, Question("Who?"), growing, stopped=True),)
    mine.save(id, Exchange(0, Question("Who?"), ANSWER))
    assert reader.exchanges(id) == (Exchange(0, Question("Who?"), ANSWER),)


def test_an_answer_of_a_newer_version_is_named_and_kept_as_it_is(
    library: Library, conversations: Conversations
) -> None:
    id = conversations.begin("Who?").id
    conversations.save(id, ASKED)
    newer = json.dumps(ANSWER.to_json() | {"version": 2, "pictures": []})
    run_sql(library.home, "UPDATE exchanges SET answer = ?", newer)
    [read] = conversations.exchanges(id)
    assert read.answer is None
    assert read.error == (
        "The answer is kept, and this program cannot read it: an Answer of version 2; this program reads 1. "
        "Use the version of Footnote that wrote it."
    )
    conversations.save(id, replace(read, thumb=1))
    with closing(sqlite3.connect(library.home / "library.db")) as connection:
        assert connection.execute("SELECT answer, error, thumb FROM exchanges").fetchall() == [(newer, "", 1)]
    # It is found by what it says all the same.
    assert [one.id for one in conversations.all("three live")] == [id]


@pytest.mark.parametrize("written", ["", "{", "[]", "null", '{"version": 1}', '{"version": 1, "text": 3}'])
def test_a_stored_answer_that_is_none_is_named(library: Library, conversations: Conversations, written: str) -> None:
    id = conversations.begin("Who?").id
    conversations.save(id, ASKED)
    run_sql(library.home, "UPDATE exchanges SET answer = ?", written)
    [read] = conversations.exchanges(id)
    assert read.error.startswith("The answer is kept, and this program cannot read it: ")


def test_any_text_is_kept_as_it_was_written(conversations: Conversations) -> None:
    odd = "Robert'); DROP TABLE exchanges;-- \x00 \u202e \U0001f6f0 \ud800"
    id = conversations.begin(odd).id
    exchange = Exchange(0, Question(odd), replace(ANSWER, question=odd, text=odd))
    conversations.save(id, exchange)
    assert conversations.exchanges(id) == (exchange,)


def test_a_library_made_before_conversations_gets_them_when_it_is_opened(library: Library, hashed: Embedding) -> None:
    report = put(library, hashed, "a.md", "Text.")
    for table in ("exchanges", "conversations"):
        run_sql(library.home, f"DROP TABLE {table}")
    library.close()
    again = Library(library.home)
    assert (again.reports(), again.generation()) == ((report,), 1)
    assert again.database.fact("schema") == "1"
    assert Conversations(again).begin("Who?").title == "Who?"


def test_processes_that_open_an_old_library_at_once_all_find_the_tables(library: Library) -> None:
    for table in ("exchanges", "conversations"):
        run_sql(library.home, f"DROP TABLE {table}")
    library.close()
    code = (
        "import sys; from pathlib import Path; from rag.library import Library; from rag.conversations import *\n"
        "sys.stdin.readline(); Conversations(Library(Path(sys.argv[1]))).begin('Who?')"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(library.home)], stdin=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(4)
    ]
    for process in started:
        process.communicate("go\n", timeout=120)
    assert [process.returncode for process in started] == [0] * 4
    assert len(Conversations(Library(library.home)).all()) == 4


def test_a_table_of_the_first_hour_that_is_missing_is_damage_and_not_made_anew(
    library: Library, hashed: Embedding
) -> None:
    report = put(library, hashed, "a.md", "Text.")
    for table in ("chunks", "pages", "reports"):
        run_sql(library.home, f"DROP TABLE {table}")
    library.close()
    with pytest.raises(LibraryDamaged, match="no such table: reports"):
        Library(library.home)
    assert (library.home / "files" / report.document).is_file()


def test_a_home_that_takes_no_lock_is_an_error_in_words(library: Library, conversations: Conversations) -> None:
    id = conversations.begin("Who?").id
    (library.home / "answering").write_text("in the way")
    with pytest.raises(LibraryError, match=r"No conversation can be kept beside .*library\.db: "):
        conversations.save(id, Exchange(0, Question("Who?")))
