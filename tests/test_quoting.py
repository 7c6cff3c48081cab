"""The quoting writer: one to six verbatim sentences in reading order with what they need, or what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pages import paged, passage

from rag.checking import check
from rag.embedding import Embedding
from rag.evidence import page_evidence, retraction
from rag.language import terms
from rag.types import Passage
from rag.writing.quoting import Quotes, QuotingOptions, missing_terms, quote
from rag.writing.scoring import Asked, score

CALL = "China asked for cheap cargo ships in May 2023."
# As far in log-odds behind the best as any sentence here is.
OPEN = 99
CREW = "Tiangong has a crew of three."
OPENING = "China is letting in civilian astronauts."
CHANGE = "This change could lead ESA to look again at Tiangong."


def asked(text: str, embedding: Embedding) -> Asked:
    return Asked(text, embedding.query(text), dict.fromkeys(terms(text), 1.0))


def quotes(text: str, embedding: Embedding, *passages: Passage, **options: float) -> Quotes:
    return quote(asked(text, embedding), passages, embedding, QuotingOptions(**options))


def texts(found: Quotes) -> list[str]:
    return [draft.text for draft in found.drafts]


def test_the_sentence_that_answers_is_quoted_verbatim_with_its_span(hashed: Embedding) -> None:
    page = paged(("text", f"{CREW} China asked for cheap\n  cargo ships in May 2023."))
    (draft,) = quotes("When did China ask for cargo ships?", hashed, passage(page)).drafts
    assert (draft.text, draft.cited) == (CALL, (0,))
    ((start, end),) = draft.spans
    assert page.text[start:end] == "China asked for cheap\n  cargo ships in May 2023."


def test_every_quote_passes_the_gate_by_identity(hashed: Embedding) -> None:
    page = paged(
        ("text", f"{OPENING} {CHANGE}"), ("row", "Name | Crew", "Name | Crew"), ("row", "Mir | 3", "Name | Crew")
    )
    for text in ("Why might ESA look again at Tiangong?", "What is the crew of Mir?"):
        drafts = quotes(text, hashed, passage(CALL), passage(page)).drafts
        assert drafts
        for draft in drafts:
            found = check(draft, [passage(CALL), passage(page)], hashed)
            assert (found.text, found.support, len(found.sources)) == (draft.text, "verified", len(draft.spans))


def test_a_why_question_gets_its_cause_with_the_sentence_that_leans_on_it(hashed: Embedding) -> None:
    found = quotes("Why might ESA look again at Tiangong?", hashed, passage(f"{CREW} {OPENING} {CHANGE}"))
    assert texts(found) == [OPENING, CHANGE]


def test_a_sentence_that_is_taken_back_is_quoted_with_what_takes_it_back(hashed: Embedding) -> None:
    said = "The law is said to ban China from the station."
    # Nothing else would bring it: it is not as good as the best.
    taken = "It does not mention crews, modules, visits, spacewalks, experiments or ships of any other agency at all."
    assert texts(quotes("Does the law ban China?", hashed, passage(f"{said} {taken} {CREW}"), close=0)) == [
        said,
        taken,
    ]
    assert texts(quotes("Does the law ban China?", hashed, passage(f"{said} {CREW} {taken}"))) == [said]


@pytest.mark.parametrize(
    ("after", "takes_back"),
    [
        ("However, it has not been decided.", True),
        ("But that came later on.", True),
        ("It does not offer any flights.", True),
        ("They are no longer asked for this.", True),
        ("It offers flights to astronauts.", False),
        ("Germany has not signed it yet.", False),
        ("It began well; some say it was not so.", False),
    ],
)
def test_what_takes_back_opens_with_a_turn_or_a_pronoun_and_a_denial(after: str, takes_back: bool) -> None:
    first, second = page_evidence(paged(("text", f"The call is open to all. {after}")), 0)
    assert retraction(first) == (second if takes_back else None)
    assert retraction(second) is None


def test_nothing_takes_back_a_row_and_no_row_takes_back(hashed: Embedding) -> None:
    page = paged(("row", "Mir | 3"), ("text", "But this is not so."), ("row", "But | not so"))
    row, turn, _ = page_evidence(page, 0)
    assert retraction(row) is None
    assert retraction(turn) is None


def test_sentences_of_one_page_come_as_the_page_has_them_and_the_best_page_first(hashed: Embedding) -> None:
    one = passage("The call for ships came late. Ships were called for by China in a call for ships.", title="A")
    other = passage("A call for ships was in the news.", title="B")
    found = quotes("Who made the call for ships in China?", hashed, other, one, threshold=0, close=OPEN)
    assert [(draft.text, draft.cited) for draft in found.drafts] == [
        ("The call for ships came late.", (1,)),
        ("Ships were called for by China in a call for ships.", (1,)),
        ("A call for ships was in the news.", (0,)),
    ]


def test_pages_of_two_reports_are_not_mixed_though_they_have_one_number(hashed: Embedding) -> None:
    words = "ships cargo call China"
    one = passage(f"First {words} alpha. And last {words} beta gamma delta.", title="A")
    other = passage(f"Then comes {words} one two. After it {words} three four five.", title="B")
    found = quotes(words, hashed, one, other, threshold=0, close=OPEN)
    assert sorted(draft.cited[0] for draft in found.drafts) == [0, 0, 1, 1]
    assert [draft.cited[0] for draft in found.drafts] in ([0, 0, 1, 1], [1, 1, 0, 0])


def test_a_sentence_in_two_passages_of_one_page_is_quoted_once(hashed: Embedding) -> None:
    page = paged(("text", OPENING), ("text", CHANGE))
    split = page.text.index(CHANGE)
    one, other = passage(page), passage(page)
    parts = [replace(one, end=split), replace(other, start=split)]
    found = quotes(
        "Why is China letting in civilian astronauts, and might ESA look again?", hashed, *parts, threshold=0, close=0
    )
    assert texts(found) == [OPENING, CHANGE]


def test_a_near_repeat_says_nothing_new_unless_it_has_another_number(hashed: Embedding) -> None:
    same = "China asked for cheap cargo ships in May 2023, too."
    later = "China asked for cheap cargo ships in May 2024."

    def both(other: str, **options: float) -> list[str]:
        pages = (passage(CALL, title="A", context="T"), passage(other, title="B", context="T"))
        return texts(quotes("When did China ask for cheap cargo ships?", hashed, *pages, **options))

    # Each has "T" and the nine words of the call, one has "too" besides: the cosine is 10 / sqrt(10 * 11) = 0.953.
    assert both(same) == both(same, repeated=0.95) == [CALL]
    assert both(same, repeated=0.96) == [CALL, same]
    assert sorted(both(later)) == [CALL, later]


def test_a_row_is_quoted_below_its_column_heads(hashed: Embedding) -> None:
    page = paged(
        ("row", "Name | Crew", "Name | Crew"), ("row", "Mir | 3", "Name | Crew"), ("row", "Salyut | 2", "Name | Crew")
    )
    (draft,) = quotes("What is the crew of Mir?", hashed, passage(page)).drafts
    assert draft.text == "Name | Crew: Mir | 3"
    assert [page.text[start:end] for start, end in draft.spans] == ["Name | Crew", "Mir | 3"]


def test_column_heads_in_another_order_than_on_the_page_are_found_all_the_same(hashed: Embedding) -> None:
    # As a PDF reads them where one head takes two lines.
    page = paged(("row", "Name Crew End", "Name End | Crew"), ("row", "Mir 3 2001", "Name End | Crew"))
    (draft,) = quotes("What is the crew of Mir?", hashed, passage(page), threshold=0).drafts
    assert draft.text == "Name Crew End: Mir 3 2001"


def test_at_most_six_sentences_are_quoted(hashed: Embedding) -> None:
    many = " ".join(f"The call for ships number {number} came from China." for number in range(1, 9))
    found = quotes("Which call for ships came from China?", hashed, passage(many))
    assert len(found.drafts) == 6


def test_the_parts_of_a_comparison_share_the_sentences_and_words_of_one_answer() -> None:
    assert QuotingOptions(most=6, words=110).shared(2) == QuotingOptions(most=3, words=55)


def test_a_sentence_that_does_not_fit_with_what_it_needs_is_left_out(hashed: Embedding) -> None:
    five = [f"The cargo call for ships number {number} came from China." for number in range(1, 6)]
    need, leaning = "A call was wanted.", "This call for cargo ships came from China."
    page = passage(" ".join((need, leaning, *five)))
    found = texts(quotes("Which cargo call for ships came from China?", hashed, page, threshold=0, close=OPEN))
    # The pair comes sixth and would make seven; a single one still fits.
    assert found == [need, *five]
    found = texts(
        quotes("Which call for cargo ships came from China? This call.", hashed, page, threshold=0, close=OPEN)
    )
    assert found[:2] == [need, leaning]
    assert len(found) == 6


def test_further_sentences_are_left_out_where_all_would_have_too_many_words(hashed: Embedding) -> None:
    page = passage(f"{CALL} China asked for cargo ships, too, and for crew ships, and for stations. And China asked.")
    ask = "When did China ask for cargo ships?"
    # The call has nine words, the second sentence thirteen, the third three and is a scrap.
    assert len(texts(quotes(ask, hashed, page, threshold=0, close=OPEN, words=22))) == 2
    assert texts(quotes(ask, hashed, page, threshold=0, close=OPEN, words=21)) == [CALL]
    assert texts(quotes(ask, hashed, page, threshold=0, close=OPEN, words=1)) == [CALL]


def test_a_row_of_another_thing_than_the_one_asked_about_is_left_out(hashed: Embedding) -> None:
    heads = "Flight | Launched"
    page = paged(
        ("row", heads, heads), ("row", "Tianzhou-7 | January 2024", heads), ("row", "Tianzhou-8 | November 2024", heads)
    )
    found = quotes("When was Tianzhou-8 launched?", hashed, passage(page), threshold=0, close=OPEN)
    assert texts(found) == [f"{heads}: Tianzhou-8 | November 2024"]
    # Nor does it make the answer less sure.
    alone = paged(("row", heads, heads), ("row", "Tianzhou-8 | November 2024", heads))
    assert found.confidence == pytest.approx(quotes("When was Tianzhou-8 launched?", hashed, passage(alone)).confidence)


def test_a_sentence_too_far_behind_the_best_is_left_out(hashed: Embedding) -> None:
    found = score(asked("When did China ask for cargo ships?", hashed), [passage(f"{CREW} {CALL}")], hashed)
    gap = found[0].score - found[1].score

    def quoted(close: float) -> list[str]:
        page = passage(f"{CREW} {CALL}")
        return texts(quotes("When did China ask for cargo ships?", hashed, page, threshold=0, close=close))

    assert quoted(gap + 0.01) == [CREW, CALL]
    assert quoted(gap - 0.01) == [CALL]


def test_below_the_threshold_it_quotes_nothing_and_says_what_is_missing_and_nearest(hashed: Embedding) -> None:
    pages = [passage(f"{CREW} {CALL}", title="A"), passage(OPENING, title="B")]
    found = quotes("What did the crew of Tiangong eat in winter?", hashed, *pages)
    assert found.drafts == ()
    assert 0 < found.confidence < 0.5
    assert found.missing == ("eat", "winter")
    assert [one.quote for one in found.nearest] == [CREW, OPENING]
    assert quotes("What did the crew of Tiangong eat in winter?", hashed, *pages, threshold=found.confidence).drafts


def test_the_kind_of_thing_asked_for_is_missing_where_no_sentence_has_it(hashed: Embedding) -> None:
    pages = passage("The cost of Tiangong was discussed.")
    assert quotes("What did Tiangong cost?", hashed, pages).missing == ("a sum of money",)
    assert quotes("When was the cost of Tiangong discussed?", hashed, pages).missing == ("a date",)
    assert quotes("Was the cost of Tiangong discussed?", hashed, pages).missing == ()


def test_a_word_that_a_nearest_quote_shows_is_not_called_missing(hashed: Embedding) -> None:
    pages = [passage(f"{CREW} {CALL}", title="A"), passage("Winter is long in Jiuquan.", title="B")]
    found = quotes("What did the crew of Tiangong eat in winter?", hashed, *pages)
    assert "Winter is long in Jiuquan." in [one.quote for one in found.nearest]
    assert found.missing == ("eat",)


@pytest.mark.parametrize(
    ("text", "place", "missing"),
    [
        ("Who commanded Ax-5?", "Whitson commanded Ax-4 with 5 people.", ()),
        ("Who commanded Ax-5?", "Whitson commanded Ax-4.", ("Ax-5",)),
        ("Did “Tiangong” (the station) fly?", "Tiangong flies.", ("station",)),
        ("How high does Mir fly?", "Mir flew 350 km high.", ("fly",)),
        ("How high is Mir?", "Mir", ("a measure",)),
        ("Is cargo cargo, cargo?", "Mir", ("cargo",)),
    ],
)
def test_missing_are_the_words_whose_stems_are_nowhere(
    text: str, place: str, missing: tuple[str, ...], hashed: Embedding
) -> None:
    assert missing_terms(asked(text, hashed), [place]) == missing


def test_headings_count_as_found_where_the_missing_words_are_named(hashed: Embedding) -> None:
    page = passage("All three died on the way home.", context="Stations > Salyut and a disaster")
    assert quotes("Why did the Salyut crew die?", hashed, page).missing == ("crew",)


def test_no_passages_have_no_quotes(hashed: Embedding) -> None:
    assert quotes("When was Mir launched?", hashed) == Quotes((), 0.0, ("Mir", "launched"), ())


def test_nearest_are_the_best_sentences_of_three_pages_at_most(hashed: Embedding) -> None:
    pages = [passage("The crew of Mir is here. Nothing else is here.", title=name, context="T") for name in "ABCDE"]
    found = quotes("What did the crew of Mir eat?", hashed, *pages)
    assert [one.passage for one in found.nearest] == [0, 1, 2]
    twice = quotes("What did the crew of Mir eat?", hashed, pages[0], pages[0], pages[1])
    assert [one.passage for one in twice.nearest] == [0, 2]
