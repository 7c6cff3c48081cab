"""Units, sizes and currencies, as they are written."""

from __future__ import annotations

import re

# Each unit as what it measures and how much of it, so that 0.5 t and 500 kg are one value.
UNITS = {
    "length": {"km|kilomet(?:re|er)s?": 1e3, "m|met(?:re|er)s?": 1.0, "cm|centimet(?:re|er)s?": 0.01,
               "mm|millimet(?:re|er)s?": 1e-3, "miles?": 1609.34, "feet|foot|ft": 0.3048, "inch(?:es)?": 0.0254},
    "area": {"km²|km2|sq\\.? km|square kilomet(?:re|er)s?": 1e6, "m²|m2|square met(?:re|er)s?": 1.0,
             "ha|hectares?": 1e4, "acres?": 4046.86, "square miles?": 2.59e6},
    "volume": {"m³|m3|cubic met(?:re|er)s?": 1.0, "l|lit(?:re|er)s?": 1e-3, "gallons?": 3.785e-3},
    "mass": {"kg|kilograms?|kilos?": 1.0, "t|tonnes?|metric tons?|tons?": 1e3, "g|grams?": 1e-3,
             "lbs?": 0.4536},
    "time": {"seconds?": 1.0, "min|minutes?": 60.0, "h|hours?": 3600.0, "days?": 86400.0, "weeks?": 604800.0,
             "months?": 2.63e6, "years?": 3.156e7, "decades?": 3.156e8},
    "power": {"W|watts?": 1.0, "kW|kilowatts?": 1e3, "MW|megawatts?": 1e6, "GW|gigawatts?": 1e9},
    "energy": {"kWh": 1.0, "MWh": 1e3, "GWh": 1e6, "TWh": 1e9},
    "degree": {"°C?|degrees?(?: Celsius)?": 1.0},
    "%": {"%|percent|per cent": 1.0},
    "speed": {"km/h|kph|kilomet(?:re|er)s per hour|kilomet(?:re|er)s an hour": 1.0,
              "mph|miles per hour|miles an hour": 1.609, "m/s": 3.6},
}  # fmt: skip
SIZES = {"thousand": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
CURRENCIES = {
    "USD": r"\$|US\$|USD|(?:US )?dollars?",
    "EUR": r"€|EUR|euros?",
    "GBP": r"£|GBP|pounds?(?: sterling)?",
    "CNY": r"¥|CNY|RMB|yuan|renminbi",
    "RUB": r"RUB|r(?:o)?ubles?",
    "JPY": r"JPY|yen",
    "NOK": r"NOK|kroner|crowns?",
    "SEK": r"SEK|kronor",
    "DKK": r"DKK",
    "CHF": r"CHF|francs?",
    "INR": r"INR|rupees?",
}
SIZE = "thousand|million|billion|trillion|bn|mn"
MONEY = "|".join(CURRENCIES.values())
UNIT = "|".join(unit for units in UNITS.values() for unit in sorted(units, key=len, reverse=True))


def measure(written: str) -> tuple[str, float]:
    """Return what the unit measures and how much of it; ("", 1.0) for none."""
    for kind, units in UNITS.items():
        for form, factor in units.items():
            if written and (re.fullmatch(form, written) or (len(written) > 2 and re.fullmatch(form, written, re.I))):
                return kind, factor
    return "", 1.0


def currency(written: str) -> str:
    """Return the code of the currency that is written."""
    return next(code for code, form in CURRENCIES.items() if re.fullmatch(form, written.strip(), re.IGNORECASE))
