"""A spreadsheet's values as its reader sees them: what the number format makes of them, within reason."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

_SYMBOL = re.compile(r'\[\$([^\]-]*)[^\]]*\]|"([$€£¥]|[A-Z]{3})\s*"|\\?([$€£¥])')
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DIGITS = re.compile(r"[#0?][#0?,.]*")


def shown(value: Any, number_format: str = "General") -> str:
    """Return a cell's value as text: 12.5% and 1,234.50 by their format, 3 for 3.0, dates as ISO 8601, "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(value, number_format or "General")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "minutes")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        hours, seconds = divmod(int(value.total_seconds()), 3600)
        return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
    return str(value)


def _number(value: float, number_format: str) -> str:
    sections = number_format.split(";")
    section = sections[1] if value < 0 and len(sections) > 1 else sections[0]
    digits = _DIGITS.search(_LITERAL.sub("", section))
    if digits is None or "E+" in section or "/" in _LITERAL.sub("", section):
        return _plain(value)
    pattern = digits.group()
    symbol = _SYMBOL.search(section)
    sign = next(filter(None, symbol.groups()), "") if symbol else ""
    percent = "%" if "%" in section else ""
    scaled = abs(value) * (100 if percent else 1) / 1000 ** (len(pattern) - len(pattern.rstrip(",")))
    places = len(re.sub(r"[^#0?]", "", pattern.partition(".")[2]))
    body = f"{scaled:{',' if ',' in pattern.rstrip(',') else ''}.{places}f}"
    optional = pattern.partition(".")[2].count("#")
    if optional:
        body = body[: len(body) - optional] + body[len(body) - optional :].rstrip("0")
        body = body.rstrip(".")
    if sign and section.rfind(sign) > section.find(pattern[0]):
        body, sign = f"{body} {sign}", ""
    text = f"{sign}{body}{percent}"
    if value < 0 and "(" in section:
        return f"({text})"
    return f"-{text}" if value < 0 and float(body.replace(",", "").split()[0]) else text


def _plain(value: float) -> str:
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return f"{value:.10g}"
