"""TAT-QA's tables and paragraphs, given the titles that a shelf of annual reports would give them.

TAT-QA's own texts do not say whose they are. A reader of many reports asks for one company's figure of one year, so
each of its contexts is put into the report of a made-up company, and half of the questions name it.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

from evals.training.examples import Example, Right, Text, TrainingSet, cut, joined, spans_with

_ROWS = 14
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_FIRST = (
    "Alder Amber Apex Arden Atlas Beacon Birch Blue Boreal Bright Cedar Citadel Copper Crest Delta Eagle Elm Ember "
    "Falcon Fern First Glacier Golden Granite Harbor Hazel Heron Iron Juniper Keystone Laurel Liberty Linden Lumen "
    "Maple Meridian Mesa Northern Nova Oak Onyx Orchard Pacific Pine Pioneer Quartz Ridge River Royal Sable Sierra "
    "Silver Solar Southern Sterling Stone Summit Terra Timber Trident Union Valley Vector Vista Western Willow Zenith"
).split()
_SECOND = (
    "Airlines Analytics Bancorp Beverages Biotech Brands Capital Chemicals Communications Dynamics Electric Energy "
    "Entertainment Financial Foods Gas Health Holdings Industries Insurance Labs Logistics Materials Media Mining "
    "Motors Networks Pharma Power Properties Resources Retail Semiconductor Shipping Software Steel Stores Systems "
    "Technologies Telecom Therapeutics Water"
).split()
_TITLES = (
    "{company} {year} annual report",
    "{company} 10-K {year}",
    "{company}: annual report {year}",
    "{company} {year}",
)
_ASKED = (
    "{question} for {company}?",
    "For {company}, {lower}?",
    "In {company}'s {year} report, {lower}?",
    "{company} {year}: {question}?",
)


def tatqa(folder: Path) -> TrainingSet:
    """Return both files of TAT-QA with made-up titles; the fold is by context."""
    random_ = random.Random(0)
    pool: list[Text] = []
    examples: list[Example] = []
    for file in sorted(folder.glob("*.json")):
        for record in json.loads(file.read_text(encoding="utf-8")):
            company = f"{random_.choice(_FIRST)} {random_.choice(_SECOND)}"
            years = _YEAR.findall(json.dumps(record["table"]["table"]))
            year = max(years) if years else str(random_.randint(2005, 2023))
            title = random_.choice(_TITLES).format(company=company, year=year)
            begun = len(pool)
            tables = _tables(title, record["table"]["table"])
            paragraphs = {str(one["order"]): cut(title, one["text"]) for one in record["paragraphs"]}
            places = {order: begun + len(tables) + at for at, order in enumerate(paragraphs)}
            pool += [*tables, *paragraphs.values()]
            for asked in record["questions"]:
                right = _right(asked, pool, range(begun, begun + len(tables)), places)
                wrong = tuple(at for at in range(begun, len(pool)) if at not in right)
                question = asked["question"]
                if random_.random() < 0.5:
                    bare = question.strip().rstrip("?")
                    question = random_.choice(_ASKED).format(
                        question=bare, lower=bare[:1].lower() + bare[1:], company=company, year=year
                    )
                examples.append(Example(question, record["table"]["uid"], right, wrong))
    return TrainingSet("tatqa", pool, examples)


def retitled(text: Text, others: list[str], random_: random.Random) -> Text:
    """Return the same table or paragraph in another company's report, or in another year's."""
    title, _, rest = text.context.partition(" > ")
    year = _YEAR.search(title)
    if year and random_.random() < 0.5:
        other = title.replace(year.group(), str(int(year.group()) + random_.choice((-2, -1, 1, 2))))
    else:
        other = random_.choice(others).partition(" > ")[0]
    return Text(f"{other} > {rest}" if rest else other, text.text, text.spans)


def _tables(title: str, rows: list[list[str]]) -> list[Text]:
    """Return the table in pieces of some rows, with its column heads as context."""
    lines = [" | ".join(cell.strip() for cell in row) for row in rows]
    heads = next((line for line in lines if line.strip(" |")), "")
    return [
        joined(f"{title} > {heads}", lines[start : start + _ROWS], by="\n") for start in range(0, len(lines), _ROWS)
    ]


def _right(asked: dict[str, Any], pool: list[Text], tables: range, paragraphs: dict[str, int]) -> dict[int, Right]:
    golden = [str(one) for one in asked["answer"]] if isinstance(asked["answer"], list) else []
    # What a sum is made of stands in the table; the sum does not.
    figures = re.findall(r"\d[\d,.]*\d|\d", asked["derivation"]) if asked["answer_type"] == "arithmetic" else golden
    right: dict[int, Right] = {}
    if asked["answer_from"] != "text":
        held = {at: spans_with(pool[at], [one for one in figures if len(one) > 1]) for at in tables}
        right = {at: Right(gold) for at, gold in held.items() if gold} or {tables[0]: Right()}
    for order in asked["rel_paragraphs"]:
        if order in paragraphs and (gold := spans_with(pool[paragraphs[order]], golden)):
            right[paragraphs[order]] = Right(gold)
    if not right:
        right = {paragraphs[order]: Right() for order in asked["rel_paragraphs"] if order in paragraphs}
    return right
