"""Text of reports and models becomes Markdown that shows it as it stands, whatever it looks like."""

from __future__ import annotations

import string

import pytest
from markdown_it import MarkdownIt

from rag.web.plain import WORD_JOINER, one_line, plain


def test_words_and_numbers_stay_as_they_are() -> None:
    assert plain("Tiangong opens its hatch in 2023") == "Tiangong opens its hatch in 2023"


def test_no_text_gives_no_text() -> None:
    assert plain("") == ""
    assert plain(" \n\t ") == ""


def test_every_ascii_mark_gets_a_backslash() -> None:
    for mark in string.punctuation:
        assert plain(f"a{mark} b") == f"a\\{mark} b"


def test_white_space_is_folded_into_one_line() -> None:
    assert one_line("  one\n\n two\t\u00a0three\u2028four ") == "one two three four"


def test_control_characters_and_turns_of_direction_are_dropped() -> None:
    assert one_line("a\x00b\x1b[31mc\x7f") == "ab[31mc"
    assert one_line("\u202eevil\u202c \u2066and\u2069 \u200ftitle") == "evil and title"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        (":tada:", f"\\:{WORD_JOINER}tada\\:"),
        (":material/home:", f"\\:{WORD_JOINER}material\\/home\\:"),
        ("a -> b", f"a \\-{WORD_JOINER}\\> b"),
        ("www.example.org", f"www{WORD_JOINER}\\.example\\.org"),
        ("ask@example.org", f"ask\\@{WORD_JOINER}example\\.org"),
        ("http://x", f"http\\:{WORD_JOINER}\\/{WORD_JOINER}\\/x"),
    ],
)
def test_what_is_replaced_after_parsing_is_broken_by_a_word_joiner(text: str, markdown: str) -> None:
    assert plain(text) == markdown


@pytest.mark.parametrize(
    "text",
    [
        "![alt](https://example.org/x.png)",
        "[a link](https://example.org)",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<https://example.org> &amp; &#60;",
        "# heading, *emphasis*, `code`, ~~struck~~",
        "1. a list",
        "    code by indentation",
        "| a | b |",
        "$E = mc^2$ :red[colour] [^1]",
        "ends with a backslash \\",
    ],
)
def test_a_parser_of_markdown_sees_one_paragraph_of_the_text_itself(text: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    opening, inline, closing = parser.parse(plain(text))
    assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
    children = inline.children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children).replace(WORD_JOINER, "") == one_line(text)
