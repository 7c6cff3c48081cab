"""Cues: what kind of thing a question asks for, and whether a sentence has one that the question lacks."""

import pytest

from rag.writing.cues import WANTED, has_kind, kind_of, without_asking


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did Tiangong cost?", "money"),
        ("What did Tiangong cost?", "money"),
        ("What is ESA's budget for it?", "money"),
        ("how expensive is a seat", "money"),
        ("When did the call come?", "when"),
        ("In which year was Mir launched?", "when"),
        ("What month was it?", "when"),
        ("How soon will Starlab fly?", "when"),
        ("How many modules has Mir?", "count"),
        ("How much cargo can Tianzhou carry?", "count"),
        ("What share of the crew is civilian?", "count"),
        ("How long is the truss?", "measure"),
        ("How heavy is the ISS?", "measure"),
        ("What is Tiangong's inclination?", "measure"),
        ("What is the orbital altitude of Mir?", "measure"),
        ("Who commanded Ax-4?", "who"),
        ("Which countries have signed?", "who"),
        ("Whose idea was it?", "who"),
        ("Where did they train?", "where"),
        ("In which city was it signed?", "where"),
        ("Why might ESA reconsider?", "why"),
        ("What are the reasons for it?", "why"),
        ("What led to the delay?", "why"),
        ("What is Haolong?", ""),
        ("Is Tiangong occupied?", ""),
        ("What did Aschbacher say?", ""),
        ("", ""),
    ],
)
def test_the_kind_of_a_question_is_told_by_its_words(question: str, kind: str) -> None:
    assert kind_of(question) == kind
    assert kind_of(question.upper()) == kind


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("money", "The contract is worth up to $843 million."),
        ("money", "It costs 608.9 billion roubles."),
        ("money", "Company | Award (USD million): Blue Origin | 130"),
        ("when", "It was launched in April 2021."),
        ("when", "It came down on 11 July."),
        ("when", "July 11 was the day."),
        ("when", "Its first part dates from 1998."),
        ("when", "Signed 2025-02-28"),
        ("when", "That was in the 19th century."),
        ("count", "It has three modules."),
        ("count", "They had 42 applications."),
        ("count", "No European has flown there."),
        ("measure", "The truss is about 109 metres long."),
        ("measure", "ISS | about 420 t | 7"),
        ("measure", "Tiangong about 41.5 degrees 340 to 450 km"),
        ("measure", "They stayed for six months."),
        ("measure", "Most stayed about a week."),
        ("measure", "It covers 5 square kilometres."),
        ("measure", "The lens is 88.9 millimetres wide."),
        ("measure", "The hatch is 800 mm wide."),
        ("measure", "The arrays give 27 kW, or 100 kWh a night."),
        ("who", "It was led by Frank Wolf."),
        ("where", "They trained off Yantai."),
        ("why", "It fell because the Shuttle was late."),
        ("why", "This change could lead ESA to look again."),
        ("why", "It wanted to lower the cost."),
        ("", "Anything goes here."),
    ],
)
def test_a_sentence_with_that_kind_of_thing_has_it(kind: str, sentence: str) -> None:
    assert has_kind(kind, sentence)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("money", "It wanted to lower the cost of supplying the station."),
        ("money", "It flew 130 times."),
        ("when", "It may be launched some time."),
        ("when", "It has 16 modules and weighs 2100 t."),
        # Years, days of a date and numbers in a name count nothing.
        ("count", "Kvant was launched in March 1987."),
        ("count", "It came down on 11 July 1979."),
        ("count", "Ax-4 and Shenzhou-16 flew."),
        ("count", "They flew to the station. [6]"),
        ("count", "They flew, as figure 1 and pp. 3-5 show."),
        ("measure", "It has three modules."),
        ("measure", "It was launched in April 1982."),
        ("who", "It was led by the same people."),
        ("where", "They trained at sea."),
        ("why", "The crew died on the way home."),
    ],
)
def test_a_sentence_without_it_has_it_not(kind: str, sentence: str) -> None:
    assert not has_kind(kind, sentence)


@pytest.mark.parametrize(
    ("question", "sentence", "more"),
    [
        ("When did the 2022 call come?", "The 2022 call came late.", " It was in May 2022."),
        ("How many of the 16 modules are Russian?", "The station has 16 modules.", " Six are Russian."),
        ("How long did the 28 days on Skylab seem?", "They had 28 days.", " It seemed 84 days."),
        ("Who met Wolf?", "He said that Wolf came.", " And then Conrad."),
        ("Where is Yantai?", "They trained off Yantai.", " It lies in Shandong."),
    ],
)
def test_what_the_question_has_itself_does_not_answer_it(question: str, sentence: str, more: str) -> None:
    kind = kind_of(question)
    assert has_kind(kind, sentence)
    assert not has_kind(kind, sentence, question)
    assert has_kind(kind, sentence + more, question)


@pytest.mark.parametrize(
    ("sentence", "answers"),
    [
        ("Chen Dong commands the Shenzhou-20 crew.", True),
        ("The market stood at $640 million in the U.S.", False),
        ("Chen Dong flew twice.", False),
    ],
)
def test_who_holds_a_role_is_answered_by_a_name_beside_the_role(sentence: str, answers: bool) -> None:
    assert has_kind("who", sentence, "Who is the mission commander of Shenzhou-20?") is answers
    assert has_kind("who", sentence, "Who flew on Shenzhou-20?")


def test_the_words_that_say_what_is_asked_for_are_taken_out() -> None:
    assert without_asking("How high does Tiangong fly?").split() == ["does", "Tiangong", "fly?"]
    assert without_asking("How many modules has it?") == "How many modules has it?"
    assert without_asking("Is the high orbit safe?") == "Is the high orbit safe?"


def test_a_refusal_can_say_which_kind_is_missing() -> None:
    kinds = {kind_of(one) for one in ("What did it cost?", "When?", "How many?", "How long?", "Who?", "Where?")}
    assert set(WANTED) == kinds
    assert WANTED["money"] == "a sum of money"


@pytest.mark.parametrize(
    ("question", "sentence", "counts"),
    [
        ("How many cosmonauts are to live on ROS?", "Cosmonauts on the ISS, at 51.6 degrees, fly low.", False),
        ("How many cosmonauts are to live on ROS?", "ROS is for four cosmonauts.", True),
        ("How many cosmonauts are to live on ROS?", "ROS is for a crew of four.", True),  # in other words
        ("How many astronauts were in the course?", "They met 16 Chinese astronauts there.", True),
        ("How heavy was Mir?", "The ISS is three times as heavy as Mir.", False),
        ("How heavy was Mir?", "Mir flew for 15 years.", False),
        ("How heavy was Mir?", "Mir | about 130 t", True),
        ("How long was the truss?", "The truss is 109 metres long.", True),
        ("Where is the Gateway to fly?", "It is planned for a halo orbit.", True),
    ],
)
def test_a_number_counts_where_it_stands_by_what_is_counted_or_has_its_unit(
    question: str, sentence: str, counts: bool
) -> None:
    assert has_kind(kind_of(question), sentence, question) is counts


@pytest.mark.parametrize(
    ("question", "kind"),
    [("launch date?", "when"), ("the accords: date of signature?", "when"), ("how much money do they get", "money")],
)
def test_a_date_and_a_sum_of_money_may_be_asked_for_by_name(question: str, kind: str) -> None:
    assert kind_of(question) == kind
