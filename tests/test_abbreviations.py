"""Abbreviations: the reports' own long forms, and texts in which the two are one."""

import pytest

from rag.writing.abbreviations import abbreviations, with_long_forms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Russian Orbital Station (ROS) is next.", {"ros": {"russian", "orbit", "station"}}),
        ("The Department of\n  Defense (DOD) said so.", {"dod": {"depart", "defens"}}),
        ("People's Liberation Army (PLA)", {"pla": {"peopl", "liber", "armi"}}),
        ("state-owned enterprises (SOEs) may", {"soe": {"state", "own", "enterpris"}}),
        ("The Space and Upper Atmosphere Commission (SUAC)", {"suac": {"space", "upper", "atmospher", "commiss"}}),
        # A stop or a bracket ends what the long form may reach into; letters that are not there make none.
        ("Russian. Orbital Station (ROS)", {}),
        ("the station (ROS)", {}),
        ("Russian Orbital Station (see below)", {}),
        ("Russian Orbital Station (2030)", {}),
        ("", {}),
    ],
)
def test_what_stands_before_the_brackets_is_the_long_form_where_its_letters_say_so(
    text: str, found: dict[str, set[str]]
) -> None:
    assert abbreviations([text]) == found


def test_the_first_long_form_of_several_texts_is_taken() -> None:
    texts = ["No abbreviation.", "European Space Agency (ESA)", "Endangered Species Act (ESA)"]
    assert abbreviations(texts) == {"esa": {"european", "space", "agenc"}}
    assert abbreviations([]) == {}


def test_either_form_brings_the_other() -> None:
    known = {"ros": frozenset({"russian", "orbit", "station"}), "esa": frozenset({"european", "space", "agenc"})}
    long = frozenset({"russian", "orbit", "station", "cost"})
    assert with_long_forms(frozenset({"ros", "cost"}), known) == {"ros", *long}
    assert with_long_forms(long, known) == {"ros", *long}
    assert with_long_forms(frozenset({"russian", "station"}), known) == {"russian", "station"}
    assert with_long_forms(frozenset(), known) == frozenset()
