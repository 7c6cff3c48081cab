"""Decomposing: which questions compare two things, and the question that each of the two is asked by."""

from __future__ import annotations

import pytest

from rag.decomposing import decompose


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "How does the orbit of ROS differ from Tiangong's?",
            ("How does the orbit of ROS ?", "How does the orbit of Tiangong's?"),
        ),
        (
            "What is the difference between the mass of Mir and that of Salyut 7?",
            (
                "What is the between the mass of Mir that of ?",
                "What is the between the mass of that of Salyut 7?",
            ),
        ),
        ("Compare Mir with Skylab by mass.", ("Mir by mass.", "Skylab by mass.")),
        ("Gateway versus Tiangong: crew", ("Gateway : crew", "Tiangong: crew")),
        (
            "How much did the crew grow between 2021 and 2023?",
            ("How much did the crew between 2021 ?", "How much did the crew between 2023?"),
        ),
        (
            "Was there any change in the number of Best Buy stores between Q2 of 2024 and 2023?",
            (
                "Was there any in the number of Best Buy stores between Q2 of 2024 ?",
                "Was there any in the number of Best Buy stores between 2023?",
            ),
        ),
        ("How do Mir and Skylab differ?", ("How do Mir ?", "How do Skylab ?")),
        (
            "What does ESA pay for the ISS, compared with what Japan pays for Kibo?",
            ("What does ESA pay for the ISS", "what Japan pays for Kibo?"),
        ),
    ],
)
def test_a_comparison_is_asked_of_each_side(text: str, parts: tuple[str, str]) -> None:
    assert decompose(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Why might ESA reconsider Tiangong?",
        "How many countries have signed the Artemis Accords?",
        # Nothing is named on one side.
        "How does Tiangong compare with its predecessors?",
        "How is the new rule different from the old one?",
        # One thing at two places, and a comparison that a report makes, not the question.
        "Which ship flies between the ISS and Earth?",
        "Is Tiangong smaller than the ISS?",
        "What did the crew do while the station passed over Kourou?",
        # It is the article that is from another paper.
        "Does the article suggest another price, while a different article from The Verge has one?",
        "",
        f"How does Mir differ from Skylab{' and so on' * 9}?",
    ],
)
def test_any_other_question_stays_whole(text: str) -> None:
    assert decompose(text) == (text,)
