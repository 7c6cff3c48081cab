"""Clauses, headings and rows of tables -> the questions that they answer, in grammatical English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.language import folded
from rag.suggesting.clauses import DATE, HAVE, MONTH, PAST, RULING, SAYING, YEAR, Clause, Wording

_ON_DATE = re.compile(rf"^(?P<before>.*?)\s?\b(?:on|in|at the (?:end|beginning) of) {DATE}\b")
_IS_DATE = re.compile(rf"^(?:On|In) {DATE}$")
_SINCE = re.compile(rf"^(?P<said>been [a-z]+ed(?: [^,;:()]{{2,40}})?) since {DATE}\b")
_ABOUT = r"(?:about |nearly |almost |over |more than |at least |some |roughly |up to |an estimated )?"
_NUMBER = _ABOUT + (
    r"(?:\d[\d,.]*(?: million| billion)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|twenty|thirty|forty|fifty)"
)
# Plural nouns, and what may stand before them; figures of money and measures are asked for in other words.
_COUNTED = re.compile(
    rf"^{_NUMBER} (?P<noun>(?:[a-z][a-z-]+ ){{0,2}}(?!percent|dollars|euros|tonnes|times|this|its)[a-z]{{3,}}s)\b"
    r"(?P<more>.*)$"
)
_MONEY = re.compile(rf"^{_ABOUT}[$€£]\d[\d,.]*(?: (?:million|billion|trillion))?(?P<more>.*)$")
_PARTICIPLE = re.compile(
    r"^(?:(?:first|finally|formally|officially|later) )?"
    r"(?:[a-z]+(?:ed|en|wn)|built|held|made|sent|set|put|lost|sold|left|begun|brought|found|cut|won)\b(?P<tail>.*)$"
)
_BECAUSE = re.compile(r"^(?P<said>[^,;:()]{2,90}?),? because (?P<why>.{15,})$")
# *India is the fourth country to land there* and *a member of* tell a feature, and not what something is.
_DEFINED = re.compile(
    r"^(?:an?|the) (?!(?:first|second|third|fourth|fifth|last|next|only|same|main|major|key|primary|leading|member|"
    r"party|part|source|case|result|reason|example|good|clear|matter|sign|way|most|more|\w+est|\w+[’']s)\b)[a-z]"
)
_PEOPLE = re.compile(
    r"\b(?:director|president|astronaut|cosmonaut|minister|commander|chief|chair(?:man|woman)?|head|secretary|member|"
    r"engineer|professor|author|scientist|ambassador|senator|representative|administrator|founder|spokes\w+)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"(?:the )?[A-Z][\w’'&-]*(?:(?: (?:of|the|and|for)){0,2} [A-Z][\w’'&-]*)*")
_AUXILIARY = "might|may|could|can|should|will|would|is|are|was|were"
_STANCE = re.compile(rf"^(?P<asking>Why|How) (?P<subject>.+?) (?P<verb>{_AUXILIARY}|do|does) (?P<rest>.+)$")
_ASKING = re.compile(rf"^(?:What|Which|Who) (?:[\w-]+ ){{0,2}}?(?:{_AUXILIARY}|has|have) \S")
_DO = re.compile(r"^(?P<asking>What|Why|How) (?P<subject>.+?) (?P<verb>\w+)(?P<rest>(?: .+)?)$")
_PRESENT = {"says": "say", "means": "mean", "does": "do", "recommends": "recommend", "shows": "show", "needs": "need",
            "requires": "require", "offers": "offer", "wants": "want", "costs": "cost", "plans": "plan"}  # fmt: skip
# What a cell says of the thing of its row, by the head of its column.
_MEASURES = frozenset(
    "mass weight length diameter height width altitude inclination perigee apogee volume area size speed capacity crew "
    "cost price budget revenue population value amount total share rate area depth power thrust distance duration "
    "capital headquarters country operator owner manager builder maker purpose type status award funding".split()
)
_LED = re.compile(r"^(?P<thing>[A-Z][\w-]+) (?P<figure>(?:about |over |nearly )?\d[\d.,]* [a-z%].*)$")
_UNIT = re.compile(r"\s*(?:\([^()]*\)|,.*)$")
_LONGEST_TAIL = 6
_LONGEST = 24
# What happens without an object: *when did Luna-25 land?*
_COMPLETE = frozenset(
    "arrived began closed died docked ended fell flew grew landed left opened returned started stopped withdrew "
    "won".split()
)
_PAYING = frozenset("cost paid spent received awarded invested raised saved lost gave provided made".split())
# A tail that ends so was cut off in the middle.
_UNENDED = re.compile(
    r"(?:\b(?:of|for|to|by|with|from|at|in|on|under|over|a|an|the|and|or|that|as|its|their|than)|ing|ed)$"
)
_PREPOSITION = re.compile(r"\b(?:of|for|to|by|with|from|at|in|on|under|over|per|and|or|as)\b")
_AWARDS = frozenset({"award", "awards", "awarded"})


def from_clause(clause: Clause, wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield the pairs (kind, question) that the clause answers."""
    for turn in (_said, _why, _what, _what_does, _when, _how_many, _how_much):
        yield from turn(clause, wording)


def from_heading(heading: str, topic: str, wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield the question that a heading asks or says that it answers. ``topic`` is what its report is about, for one
    that does not say."""
    heading = re.sub(r"^(?:[^\w“\"'(]+|\d{1,2}[.)] )+", "", folded(heading)).rstrip(".:")
    if len(heading.split()) > _LONGEST or not wording.has_name(f"{heading.partition(' ')[2]} {topic}"):
        return
    if heading.endswith("?"):
        yield "heading", heading
    elif found := _STANCE.match(heading):
        if wording.has_name(found["subject"]):
            subject = wording.inside(found["subject"])
            yield "heading", f"{found['asking']} {found['verb']} {subject} {found['rest']}?"
    elif _ASKING.match(heading):
        yield "heading", f"{heading}?"
    elif (found := _DO.match(heading)) and wording.has_name(found["subject"]):
        verb = found["verb"].casefold()
        base, do = (PAST[verb], "did") if verb in PAST else (_PRESENT.get(verb), "does")
        about = "" if found["rest"] else f" about {topic}"
        # *What did GAO find?* could be asked of any report.
        if base and base != "do" and (found["rest"] or topic):
            subject = wording.inside(found["subject"])
            yield "heading", f"{found['asking']} {do} {subject} {base}{found['rest']}{about}?"


def from_row(heads: str, row: str, wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield the questions that cells of a table's row answer, about the thing that its first cell names."""
    columns, cells = ([cell.strip() for cell in line.split(" | ")] for line in (heads, row))
    if len(cells) == 1 and (led := _LED.match(row)):
        # A PDF keeps no lines between cells: where one word stands before a figure, that is what the figure is of.
        columns, cells = columns[:2], [led["thing"], led["figure"]]
    thing = _thing(cells[0], wording)
    if len(columns) != len(cells) or not thing:
        return
    for column, cell in zip(columns[1:], cells[1:], strict=True):
        head = _UNIT.sub("", column).strip().casefold()
        if not cell or cell in ("-", "–", "—"):
            continue
        if head in ("launch", "launched", "launch date", "date of launch") and re.search(r"\b(?:19|20)\d\d\b", cell):
            yield "table", f"When was {thing} launched?"
        elif head in _AWARDS and re.search(r"[$€£]|USD|EUR", column + cell):
            yield "table", f"How much was {thing} awarded?"
        elif head in _MEASURES and re.search(r"\w", cell):
            yield "table", f"What is the {head} of {thing}?"


def _thing(cell: str, wording: Wording) -> str:
    """Return what a row is about as it is named inside a sentence; "" where its first cell names nothing."""
    named = re.sub(r"\s*\([^()]*\)$", "", cell)
    words = named.split()
    if not words or len(words) > 5 or words[0][0].isdigit() or words[0].casefold() in ("all", "total", "other", "sum"):
        return ""
    if not named[0].isupper() or (len(words) == 1 and wording.is_common(words[0])):
        return ""
    if len(words) == 1:
        return f"the {named}" if wording.takes_the(named) else named
    described = wording.is_common(words[-1]) or named != cell
    return f"the {named}" if described else named


def _said(clause: Clause, wording: Wording) -> Iterator[tuple[str, str]]:
    """*Aschbacher said that Tiangong ...*: what did he say about it?"""
    if clause.verb not in SAYING:
        return
    # *ESA's Director General, Josef Aschbacher, said*: people are asked about by their names.
    names = [one for one in (clause.aside, clause.subject) if one and all(word[0].isupper() for word in one.split())]
    if not names or (clause.verb == "told" and " that " not in clause.rest):
        return
    said = clause.rest.partition("that ")[2] or clause.rest
    known = {word.casefold() for word in f"{clause.subject} {clause.aside}".split()}
    for found in _TOPIC.finditer(said):
        topic, follows = found.group(), said[found.end() : found.end() + 2]
        adjective = topic.startswith("the ") and re.match(r" [a-z]", follows)
        if adjective or known.intersection(topic.casefold().split()) or re.search(MONTH, topic):
            continue
        if wording.has_name(topic):
            yield "words", f"What did {names[0]} say about {topic}?"
            return


def _why(clause: Clause, _: Wording) -> Iterator[tuple[str, str]]:
    """*Skylab was abandoned because ...*: why was it?"""
    found = _BECAUSE.match(clause.rest)
    if found is None or clause.lead:
        return
    if clause.verb in PAST:
        yield "why", f"Why did {clause.subject} {PAST[clause.verb]} {found['said']}?"
    elif clause.verb not in SAYING and clause.verb not in HAVE:
        verb, denied = ("can", " not") if clause.verb == "cannot" else (clause.verb, "")
        yield "why", f"Why {verb} {clause.subject}{denied} {found['said']}?"


def _what(clause: Clause, _: Wording) -> Iterator[tuple[str, str]]:
    """*Tiangong is a station ...*: what is it?"""
    if clause.lead or clause.verb not in ("is", "are") or len(clause.subject.split()) > 5:
        return
    if clause.subject.split()[0] not in ("a", "an") and _DEFINED.match(clause.rest) and " of " not in clause.subject:
        asking = "Who" if _PEOPLE.search(" ".join(clause.rest.split()[:7])) else "What"
        yield "definition", f"{asking} {clause.verb} {clause.subject}?"


def _what_does(clause: Clause, _: Wording) -> Iterator[tuple[str, str]]:
    """*The Wolf Amendment forbids ...*: what does it forbid?"""
    if clause.verb in RULING and not clause.lead:
        do = "do" if clause.verb == "require" else "does"
        yield "rule", f"What {do} {clause.subject} {RULING[clause.verb]}?"


def _when(clause: Clause, _: Wording) -> Iterator[tuple[str, str]]:
    """*Tianhe was launched on ...*, *China issued its call in ...*: when?"""
    if clause.verb in ("has", "have") and not clause.lead and (since := _SINCE.match(clause.rest)):
        yield "when", f"Since when {clause.verb} {clause.subject} {since['said']}?"
    if _IS_DATE.match(clause.lead):
        tail = re.split(r"[,;:()—]| to (?=[a-z])| (?:that|which|and|but|when|while|where|who) ", clause.rest)[0]
    elif not clause.lead and (dated := _ON_DATE.match(clause.rest)):
        tail = dated["before"]
    else:
        return
    if len(tail.split()) > _LONGEST_TAIL or re.search(rf"[,;:()—]|^\d|{MONTH}$|\b(?:which|that)\b", tail):
        return
    if clause.verb in ("was", "were") and (found := _PARTICIPLE.match(tail)):
        if not found["tail"] or not _UNENDED.search(tail):
            yield "when", f"When {clause.verb} {clause.subject} {found.group().strip()}?"
    elif clause.verb in PAST and (tail or clause.verb in _COMPLETE) and not _UNENDED.search(tail):
        yield "when", f"When did {clause.subject} {PAST[clause.verb]} {tail.strip()}".rstrip() + "?"


def _how_many(clause: Clause, _: Wording) -> Iterator[tuple[str, str]]:
    """*Tiangong has three modules*: how many does it have?"""
    found = _COUNTED.match(clause.rest)
    if found is None or (clause.verb not in PAST and clause.verb not in HAVE):
        return
    do = {"has": "does", "have": "do"}.get(clause.verb, "did")
    base = "have" if clause.verb in HAVE else PAST[clause.verb]
    kind = re.match(r" of ([a-z]+)\b", found["more"])
    noun = found["noun"] + (kind.group() if kind else "")
    if _UNENDED.search(noun) or _PREPOSITION.search(noun.removesuffix(kind.group() if kind else "")):
        return
    end = re.match(r" to [a-z]+(?= |$|,)", found["more"])
    year = re.match(rf"[^,;:()]{{0,30}}?( in {YEAR})\b", found["more"])
    more = (end.group() if end else "") + (_dated(clause.lead) or (year[1] if year else ""))
    # *How many reviews did OSHA complete?* could be asked of any year and any page.
    if clause.verb in HAVE or more or len(noun.split()) > 1:
        yield "count", f"How many {noun} {do} {clause.subject} {base}{more}?"


def _how_much(clause: Clause, _: Wording) -> Iterator[tuple[str, str]]:
    """*NASA paid $90 million for ...*: how much did it pay?"""
    found = _MONEY.match(clause.rest)
    if found is None or clause.verb not in _PAYING:
        return
    more = re.split(r"[,;:()—]| (?:that|which|and|but|when|while|where|who) ", found["more"])[0].rstrip()
    if len(more.split()) > _LONGEST_TAIL + 2 or not re.match(r" (?:for|to|on|in) ", more) or _UNENDED.search(more):
        more = ""
    if more or clause.verb == "cost":
        yield "money", f"How much did {clause.subject} {PAST[clause.verb]}{more}{_dated(clause.lead)}?"


def _dated(lead: str) -> str:
    """Return what a sentence opens with, to be put at its end, where that is a time with a year; "" otherwise."""
    return f" {lead[:1].lower()}{lead[1:]}" if re.search(rf"\b{YEAR}\b", lead) else ""
