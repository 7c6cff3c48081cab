"""One question on its way to an answer: retrieve, write, check and cite, yielding the answer as it grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag import condensing
from rag.checking import check
from rag.citing import Citing
from rag.conflicts import find_conflicts
from rag.decomposing import decompose
from rag.errors import ModelError
from rag.evidence import source
from rag.language import terms
from rag.prompts import NOT_SAID
from rag.retrieval import HybridRetriever, passes
from rag.types import Answer, Note, Passage, Question, Refusal, Seconds, Usage
from rag.writing import Draft
from rag.writing.generating import Generation, add_usage, condense
from rag.writing.quoting import Quotes, QuotingOptions, quote, together
from rag.writing.scoring import Asked

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.callbacks import Callbacks
    from langchain_core.language_models import BaseChatModel
    from numpy.typing import NDArray

NO_REPORT_CHOSEN = "No report is chosen."
NO_REPORTS = "There are no reports to search."
NONE_PASSES = "No report passes the filters."
# The model is asked while the confidence is at least this share of the quoting writer's threshold: it may see an
# answer in other words, but has nothing to go by where nothing is near.
_ASK_MODEL_FROM = 0.5


@dataclass(frozen=True)
class Tools:
    """What answering needs. ``model`` None writes with quotes; ``timeout`` is the model's, in seconds."""

    retriever: HybridRetriever
    quoting: QuotingOptions = field(default_factory=QuotingOptions)
    model: BaseChatModel | None = None
    writer: str = "quotes"
    timeout: float = 60.0


@dataclass
class _Run:
    """What is known so far of one question's answer."""

    question: Question
    tools: Tools
    stopped: threading.Event
    callbacks: Callbacks
    answer: Answer
    clock: _Clock
    passages: list[Passage] = field(default_factory=list)
    quotes: Quotes = field(default_factory=lambda: Quotes((), 0.0))

    def note(self, code: str, message: str) -> None:
        self.answer = replace(self.answer, notes=(*self.answer.notes, Note(code, message)))

    def use(self, usage: Usage | None) -> None:
        self.answer = replace(self.answer, usage=add_usage(self.answer.usage, usage))


def answer_question(
    question: Question, tools: Tools, stopped: threading.Event, callbacks: Callbacks = None
) -> Iterator[Answer]:
    """Yield the answer as it grows; the last one has the stage "done". Closing the iterator stops the work.

    Setting ``stopped`` stops it from another thread: the wait for a model then ends in a CancelledError.
    ``callbacks`` are LangChain's for the runs inside this one.
    """
    run = _Run(
        question,
        tools,
        stopped,
        callbacks,
        Answer(question=question.text, standalone=question.text, stage="retrieving", writer=tools.writer),
        _Clock(),
    )
    yield run.answer
    if question.reports == ():
        yield _refused(run, NO_REPORT_CHOSEN, NO_REPORT_CHOSEN)
        return
    _retrieve(run)
    if not run.passages:
        # No word of the question was looked for anywhere: none is missing.
        run.quotes = Quotes((), 0.0)
        yield _refused(run, *_nothing(tools.retriever, question))
        return
    if tools.model is not None:
        # It takes a while; quotes do not.
        yield run.answer
    yield from _written(run)


def _nothing(retriever: HybridRetriever, question: Question) -> tuple[str, str]:
    """Return text and reason of a refusal where no passage was found."""
    reports = retriever.library.reports()
    if not reports:
        return NO_REPORTS, NO_REPORTS
    if not any(passes(report, question) for report in reports):
        kinds = ", ".join(sorted({report.kind for report in reports}))
        dates = sorted(report.date for report in reports if report.date)
        dated = f", dated {dates[0]} to {dates[-1]}" if dates else ", none of them dated"
        return NONE_PASSES, f"There are {len(reports)} reports: {kinds}{dated}."
    return NOT_SAID, "Nothing was found."


def _retrieve(run: _Run) -> None:
    """Condense the question with its history, find the passages, and weigh what they hold against it; of a question
    that compares, against each of its parts."""
    retriever = run.tools.retriever
    with run.clock.step("retrieve"):
        searched = _standalone(run)
        # What was put in brackets for a follow-up is no part of a comparison.
        plain = run.tools.model is not None or searched == run.question.text
        parts = [_found(run, text) for text in (decompose(searched) if plain else (searched,))]
    run.passages = list({one.chunk: one for part in parts for one in part.passages}.values())
    run.answer = replace(run.answer, standalone=searched, stage="writing")
    with run.clock.step("write"):
        weights = condensing.term_weights(run.question, retriever.idf(searched))
        run.quotes = together([_quoted(run, part, weights, len(parts)) for part in parts])
    run.answer = replace(run.answer, confidence=run.quotes.confidence)


@dataclass(frozen=True)
class _Part:
    """What is searched as one question, and what was found."""

    text: str
    vector: NDArray[np.float32]
    passages: Sequence[Passage]


def _found(run: _Run, text: str) -> _Part:
    retriever = run.tools.retriever
    vector = retriever.embedding.query(text)
    return _Part(text, vector, retriever.passages(replace(run.question, text=text, history=()), vector))


def _quoted(run: _Run, part: _Part, weights: Mapping[str, float], of: int) -> Quotes:
    """Return what is quoted for one of so many parts, which share the sentences that an answer may have."""
    own = weights if of == 1 else {term: weights[term] for term in terms(part.text) if term in weights}
    asked = Asked(run.question.text if of == 1 else part.text, part.vector, own)
    places = {one.chunk: at for at, one in enumerate(run.passages)}
    quotes = quote(asked, part.passages, run.tools.retriever.embedding, run.tools.quoting.shared(of))
    return quotes.moved([places[one.chunk] for one in part.passages])


def _standalone(run: _Run) -> str:
    if run.tools.model is not None and run.question.history:
        try:
            condensed, used = condense(
                run.tools.model,
                run.question,
                timeout=run.tools.timeout,
                stopped=run.stopped,
                callbacks=run.callbacks,
            )
            run.use(used)
            return condensed
        except ModelError as error:
            run.note("condense_failed", f"{error} The question was searched with what was said before it.")
    return condensing.standalone(run.question)


def _written(run: _Run) -> Iterator[Answer]:
    """Yield the answer statement by statement: the model's if there is one, quotes where it fails."""
    tools = run.tools
    citing = Citing()
    near = run.quotes.confidence >= _ASK_MODEL_FROM * tools.quoting.threshold
    reason = "Nothing in the passages nearest to the question supports an answer."
    if tools.model is not None and near:
        generation = Generation(
            tools.model,
            run.answer.standalone,
            run.passages,
            timeout=tools.timeout,
            stopped=run.stopped,
            callbacks=run.callbacks,
        )
        try:
            yield from _cited(run, generation.drafts(), citing)
        except ModelError as error:
            if citing.supported:
                run.note("model_stopped", f"{error} The answer may be incomplete.")
            else:
                run.note("model_failed", f"{error} Quotes were used instead.")
                run.answer = replace(run.answer, writer="quotes")
                citing = Citing()
                yield from _cited(run, iter(run.quotes.drafts), citing)
        if citing.waiting:
            reason = f"What {tools.writer} wrote is not what the passages say, and is not shown. Quotes may answer."
        run.use(generation.usage)
    else:
        reason += f" {tools.writer} was not asked." if tools.model is not None else ""
        yield from _cited(run, iter(run.quotes.drafts), citing)
    if citing.supported:
        yield from _ended(run, citing)
    else:
        yield _refused(run, NOT_SAID, reason)


def _ended(run: _Run, citing: Citing) -> Iterator[Answer]:
    """Yield the answer's end: what else has to be quoted because reports differ, then the whole with its conflicts.

    To what a model wrote no quotes are added: what it left out, it may have left out for a reason.
    """
    quoted = run.answer.writer == "quotes"
    with run.clock.step("check"):
        found = find_conflicts(citing.answer(run.answer), run.passages, run.tools.retriever.embedding, further=quoted)
    yield from _cited(run, iter(found.further() if quoted else ()), citing)
    whole = citing.answer(run.answer)
    yield replace(whole, conflicts=found.conflicts(whole), stage="done", seconds=run.clock.seconds())


def _cited(run: _Run, drafts: Iterator[Draft], citing: Citing) -> Iterator[Answer]:
    """Check and cite the drafts one by one, yielding the answer each time that it grew."""
    while True:
        with run.clock.step("write"):
            draft = next(drafts, None)
        if draft is None:
            return
        with run.clock.step("check"):
            grown = citing.add(check(draft, run.passages, run.tools.retriever.embedding))
        if grown:
            yield citing.answer(run.answer)


def _refused(run: _Run, text: str, reason: str) -> Answer:
    nearest = tuple(source(run.passages[one.passage], one.start, one.end) for one in run.quotes.nearest)
    return replace(
        run.answer,
        stage="done",
        text=text,
        refusal=Refusal(reason=reason, missing=run.quotes.missing, nearest=nearest),
        seconds=run.clock.seconds(),
    )


class _Clock:
    """Wall-clock seconds by step."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._spent = dict.fromkeys(("retrieve", "write", "check"), 0.0)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._spent[name] += time.perf_counter() - began

    def seconds(self) -> Seconds:
        return Seconds(**self._spent, total=time.perf_counter() - self._began)
