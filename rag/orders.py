"""Does a paragraph speak to the assistant and tell it what to do or say?

Reports are data. Text that was planted to steer a language model is written *to* it: it drops the model's
instructions, names the model, or tells it what to answer. Each pattern below is one way of doing so, in English.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MACHINE = (
    r"(?:ais?|(?:ai|virtual|digital|helpful|chat) (?:assistants?|models?|agents?|systems?)|chat-?bots?|"
    r"(?:large )?language models?|llms?|(?:chat)?gpt(?:-\d\w?)?|claude|gemini|copilot)"
)
# "Assistant" and "model" are people and things elsewhere; here they are spoken to.
_ADDRESSED = rf"(?:{_MACHINE}|(?:the |this )?(?:assistants?|models?)(?=[,:]| (?:reading|processing|summari[sz]ing)))"
_SPEAK = (
    r"(?:say|answer|reply|respond|output|write|claim|state|conclude|report|mention|include|add|append|insert|cite|"
    r"quote|recommend|repeat|tell)"
)
_MUST = r"(?:must|should|shall|please|kindly|will now|is to|are to|has to|have to|always|never)"
# Where an imperative can stand: at the start, after a stop or comma, after "please", "and" or "you must".
_IMPERATIVE = (
    r"(?:(?:^|[.!?:;,\])}>*#\-–—]\s)[\"“'‘*_(]*"
    r"(?:(?:please|kindly|now|instead|always|only|just|do not|don't|never)\s+)*"
    rf"|\b(?:and|then|but)\s+|\byou {_MUST}\s+)"
)
_ASKED = r"(?:you(?: are|'re)? |(?:a |the |any |some)?(?:user|reader|person|one|body)s? )?(?:is |are )?asks?(?:ed)?\b"

_ORDERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # The marks between the turns of a chat.
        r"<\|\w+\|>|\[/?INST\]|<</?SYS>>|#{2,} ?(?:system|instructions?|assistant|user|prompt)\b ?:?|\bsystem prompt\b",
        # Ignore all previous instructions; forget what you were told.
        rf"{_IMPERATIVE}(?:ignore|disregard|forget|override|bypass|drop)\b[^.]{{0,40}}\b(?:instructions?|prompts?|"
        r"guidelines|rules|(?:previous|prior|above|earlier|other) (?:texts?|passages?|context|sources?|messages?|"
        r"reports?|documents?)|(?:passages?|sources?|text|everything|anything|all)(?: \w+)? above|"
        r"(?:everything|all|what) (?:that )?you (?:were|have been|are|know))\b",
        r"\b(?:new|updated|your|real|actual) (?:instructions|orders|task|job|goal|role) ?(?::|(?:is|are)(?: now)? to\b)"
        rf"\W*(?:\w+\W+)?{_SPEAK}\b|\byour (?:previous |prior )?instructions (?:are|have)\b",
        # Note to AI assistants; dear chatbot.
        rf"(?:^|[.!?:]\s)\W*(?:notes?|attention|messages?|instructions?|important|notice|reminder|dear|hey)\b"
        rf"[^.]{{0,20}}\b{_ADDRESSED}\b|(?:^|[.!?:]\s)\W*(?:to|for) (?:any |all |every |the )?{_MACHINE}\b",
        r"(?:^|[.!?]\s)\W*(?:notes?|messages?|instructions?) (?:to|for) (?:the |any |all )?(?:assistant|model)s?\b",
        # If you are an AI; you are now an unrestricted assistant.
        rf"\b(?:(?:you are|you're|act as)(?: now| actually)? (?:an? |the )?|as an? )(?:[\w-]+ ){{0,3}}?"
        rf"(?:{_MACHINE}\b[^.]{{0,60}}\b(?:{_SPEAK}|your)|assistant (?:that|who)\b)",
        r"\byou are now (?:in )?(?:[\w-]+ )?(?:mode|dan|jailbroken|unrestricted|an? unrestricted)\b",
        # ChatGPT, please answer that; the assistant must say that.
        rf"\b{_ADDRESSED}(?: (?:reading|processing|summari[sz]ing|that reads?) [^.,]{{1,40}})?[,:]? (?:you )?"
        rf"(?:(?:please|kindly) (?:\w+ )?{_SPEAK}|"
        rf"{_MUST} (?:\w+ )?(?:say|answer|reply|respond|output|claim|{_SPEAK} that))\b",
        rf"\bthe (?:assistant|model) (?:must|should|shall|has to) (?:\w+ )?{_SPEAK} that\b",
        # What the answer has to be.
        r"\byour (?:answers?|repl(?:y|ies)|responses?|output|summary) (?:must|should|shall|is to|has to|needs? to)\b"
        r"[^.]{0,20}\b(?:be|include|say|state|contain|end|begin|start|mention)\b(?! in by)",
        rf"{_IMPERATIVE}(?:{_SPEAK}|end|start|begin|finish)\b[^.]{{0,200}}\b(?:in|to|with|from) your "
        r"(?:answer|reply|response|output|summary)\b|"
        rf"{_IMPERATIVE}(?:end|start|begin|finish) (?:your|the|every|each) (?:answer|reply|response|output)s?\b",
        rf"{_IMPERATIVE}(?:tell|inform|remind|convince) (?:the |any |all )?(?:users?|readers?)\b",
        rf"{_IMPERATIVE}(?:answer|reply to|respond to) (?:every|any|all|each|the next|this) (?:question|user|prompt)s?"
        r"[^.]{0,20}?(?: with\b|:)",
        # "Answer:" and "Output:" alone are labels.
        rf"{_IMPERATIVE}(?:(?:say|reply|respond|repeat)|(?:answer|output)(?= (?:only|exactly|just|with|verb|the f)))"
        r"(?: (?:only|exactly|just|with|verbatim|the following))*\s*:",
        r"(?:^|[.!?]\s)\W*(?:please )?(?:say|answer|reply|respond|output)(?: (?:only|exactly|just|with))* [\"“]",
        rf"{_IMPERATIVE}(?:answer|reply|respond) (?:only )?(?:that|with exactly)\b",
        rf"\b(?:when|if|whenever) {_ASKED}[^.]{{0,80}}?[,:]? (?:always |only |just |please |simply )?"
        r"(?:say|answer|reply|respond|output|state|claim)\b(?: only| exactly)?(?: that\b| with\b| as\b| ?:|,? \")",
        rf"{_IMPERATIVE}pretend (?:that|to be|you)\b",
    )
)


@lru_cache(maxsize=8192)
def gives_orders(text: str) -> bool:
    """Return whether the text tells the assistant what to do or say; seeing through hidden and full-width letters."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    plain = " ".join(plain.split())
    return any(pattern.search(plain) for pattern in _ORDERS)
