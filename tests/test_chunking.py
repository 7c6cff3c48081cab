"""Chunks: within one page, whole, with their context inside the model's window, as its own tokenizer counts."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from pages import paged
from transformers import AutoTokenizer

from rag.chunking import chunk
from rag.embedding import Embedding, bundled_folder, embedded_text
from rag.reading import Limits, read
from rag.types import Chunk, Document, Page

ROOT = Path(__file__).parent.parent


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def cut(*pages: Page, room: int = 20, title: str = "T") -> list[tuple[str, str]]:
    """(context, text) of each chunk of the pages, where a word is a token and ``room`` is the model's window."""
    found = chunk(Document(title, "markdown", pages), count_tokens=words, max_tokens=room)
    return [(one.context, pages[one.page - 1].text[one.start : one.end]) for one in found]


def test_a_document_without_text_has_no_chunks() -> None:
    assert cut() == []
    assert cut(Page(1, "p. 1", "")) == []
    assert cut(paged(("furniture", "Page 1 of 1"))) == []


def test_a_short_page_is_one_chunk_below_its_title() -> None:
    assert cut(paged(("text", "One two. Three."))) == [("T", "One two. Three.")]


def test_a_chunk_never_crosses_a_page() -> None:
    pages = (paged(("text", "This sentence runs")), paged(("text", "over the page."), number=2))
    assert cut(*pages) == [("T", "This sentence runs"), ("T", "over the page.")]


def test_the_context_is_the_title_and_the_headings_in_force_over_pages() -> None:
    body = " ".join(["word"] * 48) + "."
    pages = (
        paged(("heading1", "Costs"), ("heading2", "2023"), ("text", body)),
        paged(("text", "Still costs."), number=2),
        paged(("heading2", "2024"), ("text", "More."), number=3),
        paged(("heading1", "Crew"), ("text", "Three."), number=4),
    )
    assert [context for context, _ in cut(*pages, room=100)] == [
        "T > Costs > 2023",
        "T > Costs > 2023",
        "T > Costs > 2024",
        "T > Crew",
    ]


def test_a_heading_that_repeats_the_title_is_named_once() -> None:
    assert cut(paged(("heading1", "t"), ("text", "Words."))) == [("T", "t\n\nWords.")]


def test_a_heading_begins_a_chunk_only_where_the_one_before_is_not_small() -> None:
    full, small = " ".join(["word"] * 48), " ".join(["word"] * 40)
    two = cut(paged(("heading1", "A"), ("text", full), ("heading1", "B"), ("text", "End.")), room=200)
    one = cut(paged(("heading1", "A"), ("text", small), ("heading1", "B"), ("text", "End.")), room=200)
    assert [text for _, text in two] == [f"A\n\n{full}", "B\n\nEnd."]
    assert [text for _, text in one] == [f"A\n\n{small}\n\nB\n\nEnd."]


def test_chunks_of_one_section_come_out_even_and_end_with_sentences() -> None:
    # 8 sentences of 3 words are 24 tokens; 20 - 3 special - 1 of context leave 16: two chunks of 12.
    text = "Aa bb cc. " * 7 + "Aa bb cc."
    assert [len(part.split()) for _, part in cut(paged(("text", text)))] == [12, 12]


def test_a_sentence_over_the_window_is_cut_at_white_space_into_parts_that_fit() -> None:
    # 40 words, 16 to a chunk: halves of 20 are halved again.
    text = " ".join(f"w{place}" for place in range(40))
    parts = [part for _, part in cut(paged(("text", text)))]
    assert " ".join(parts) == text
    assert max(words(parts)) <= 16


def test_a_run_of_letters_without_white_space_is_cut_anywhere() -> None:
    letters = Callable[[Sequence[str]], list[int]]
    count: letters = lambda texts: [len(text) for text in texts]  # noqa: E731
    page = paged(("text", "x" * 100))
    found = chunk(Document("", "text", (page,)), count_tokens=count, max_tokens=23)
    assert "".join(page.text[one.start : one.end] for one in found) == "x" * 100
    assert max(one.end - one.start for one in found) <= 20


def test_rows_of_a_table_carry_its_column_heads_as_context() -> None:
    rows = [("row", f"Station {place} | {place}", "Name | Mass") for place in range(6)]
    found = cut(paged(*rows), room=28)
    assert [context for context, _ in found] == ["T\nName | Mass"] * len(found)
    assert len(found) == 2


def test_a_long_title_leaves_most_of_the_window_to_the_text() -> None:
    # 43 - 3 special = 40 tokens; a title of 30 words is cut from the right.
    [(context, text)] = cut(paged(("text", "Words.")), title=" ".join(f"t{place}" for place in range(30)), room=43)
    assert text == "Words."
    assert context.startswith("t0 t1")
    assert words([context])[0] <= 10


def test_no_furniture_reaches_a_chunk_wherever_it_stands() -> None:
    page = paged(
        ("furniture", "HEAD"),
        ("text", "Above the fold."),
        ("furniture", "MIDDLE"),
        ("text", "Below."),
        ("furniture", "7"),
    )
    assert cut(page) == [("T", "Above the fold."), ("T", "Below.")]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [read(path, limits=Limits()) for path in sorted((ROOT / "corpus").glob("*.md"))]


def test_chunks_of_the_corpus_cover_all_text_but_furniture(documents: list[Document], minilm: Embedding) -> None:
    for document in documents:
        chunks = chunk(document, count_tokens=minilm.count_tokens, max_tokens=minilm.max_tokens)
        for page in document.pages:
            kept = [block for block in page.blocks if block.kind != "furniture"]
            spans = [(one.start, one.end) for one in chunks if one.page == page.number]
            assert all(left[1] <= right[0] for left, right in pairwise(spans))
            wanted = {
                place for block in kept for place in range(block.start, block.end) if not page.text[place].isspace()
            }
            covered = {place for start, end in spans for place in range(start, end)}
            assert wanted <= covered


def test_chunks_of_the_corpus_fit_the_window_with_their_context(documents: list[Document], minilm: Embedding) -> None:
    assert minilm.max_tokens == 256
    tokenizer = AutoTokenizer.from_pretrained(bundled_folder())
    pages = {document.title: {page.number: page for page in document.pages} for document in documents}
    for document in documents:
        for one in chunk(document, count_tokens=minilm.count_tokens, max_tokens=256):
            assert window(tokenizer, one, pages[document.title][one.page]) <= 256


def test_text_that_tokenizes_badly_fits_the_window_too(minilm: Embedding) -> None:
    tokenizer = AutoTokenizer.from_pretrained(bundled_folder())
    page = paged(
        ("text", "pneumonoultramicroscopicsilicovolcanoconiosis" * 2 + " 中国空间站在轨道上" * 60 + " €§¶🚀" * 90)
    )
    found = chunk(Document("标题" * 200, "text", (page,)), count_tokens=minilm.count_tokens, max_tokens=256)
    assert len(found) > 2
    assert max(window(tokenizer, one, page) for one in found) <= 256


def window(tokenizer: object, one: Chunk, page: Page) -> int:
    """What the model itself would read of the chunk if nothing were cut, special tokens included."""
    text = embedded_text(one.context, page.text[one.start : one.end])
    return len(tokenizer(text, truncation=False, verbose=False)["input_ids"])  # type: ignore[operator]
