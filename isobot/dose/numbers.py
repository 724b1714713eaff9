"""Writes the numbers of a message as digits: "seventy and a half" -> "70.5", "70,5 kg" -> "70.5 kg", "½" -> "0.5".

text2num (MIT, no dependencies, 0.05 ms a message) reads number words. Tried beside it: quantulum3 reads neither stone
nor "11st4" and takes "70,5 kg" for 5 kg; number-parser leaves "a hundred" and "point" behind, and turns "one day" into
"1 day".
"""

from __future__ import annotations

import re

from text_to_num.transforms import alpha2digit

NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty",
    "sixty", "seventy", "eighty", "ninety", "hundred", "half", "nought",
)  # fmt: skip
_FOLD = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u2032": "'", "\u201c": '"', "\u201d": '"', "\u2033": '"', "\u00d7": "x",
     "\u2013": "-", "\u2014": " - ", "\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u00be": ".75", "\u00bc": ".25"}
)  # fmt: skip
_BEFORE = (
    # What the library does not know, in words that it knows
    (re.compile(r"\ba (?=hundred\b)"), "one "),
    (
        re.compile(
            r"(\bhundred) and "
            r"(?=(?:\w+ty|\w+teen|ten|eleven|twelve|one|two|three|four|five|six|seven|eight|nine)\b)"
        ),
        r"\1 ",
    ),
    (re.compile(r"\b(?:nought|naught|oh|zero)[- ]point\b|(?<![\w.] )(?<!\w)\bpoint (?=\w+\b per\b)"), "zero point"),
    (re.compile(r"\ba couple(?: of)?\b"), "two"),
    (re.compile(r"\ba (?:dozen)\b"), "twelve"),
)  # fmt: skip
_UNIT_AFTER_HALF = r"(?:stones?|st|kilos?|kgs?|pounds?|lbs?|months?|weeks?|years?|days?|mgs?|milligrams?)"
_AFTER = (
    (re.compile(rf"\b(?:one|1) and a half(?= ?{_UNIT_AFTER_HALF}\b)"), "1.5"),
    (re.compile(rf"\b(\d+) and a half(?= ?{_UNIT_AFTER_HALF}\b)"), r"\1.5"),
    (re.compile(rf"\b(\d+) ({_UNIT_AFTER_HALF}) and a half\b"), r"\1.5 \2"),
    (re.compile(r"\b(?:a|one|1) ([a-z]+) and a half\b"), r"1.5 \1s"),
    (re.compile(r"\bhalf (?=an? (?:mg|milligram|year)\b)"), "0.5 of "),
    (re.compile(r"\b0\.5 of an? "), "0.5 "),
    (re.compile(r"\bhalf (?=(?:mg|milligram)\b)"), "0.5 "),
    (re.compile(r"\bhalf (?=(?:to|or) (?:1|one)\b)"), "0.5 "),
    (re.compile(r"\bone (?=(?:mgs?|milligrams?)\b)"), "1 "),
    (re.compile(r"\b(?:3|three) quarters of an? (?=(?:mg|milligram)\b)"), "0.75 "),
    (re.compile(r"(\d) ?\u00bd"), r"\1.5"),
    (re.compile(r"\u00bd"), "0.5"),
    (re.compile(r"(?<![\w.])\.(?=\d)"), "0."),
    (re.compile(r"\b(0\.\d) (\d)(?= ?(?:mg|milligram|per |a kilo|/))"), r"\1\2"),  # "zero point seven five"
    # "10,000 mg", "1,000 days": nobody writes three decimals there; of a weight it is asked back.
    (re.compile(r"(?<![\d,.])(\d{1,3}),(\d{3})(?= ?(?:mgs?|milligrams?|days?|capsules?)\b)"), r"\1\2"),
    # "70,5" is a decimal comma; "1,200" may be either and is left alone (a reader asks back).
    (re.compile(r"(?<![\d,.])(\d{1,3}),(\d{1,2})(?![\d,])"), r"\1.\2"),
)
_PLURAL = {"twenties": "20s", "thirties": "30s", "forties": "40s", "tens": "10s", "fives": "5s", "eights": "8s"}
_PLURALS = re.compile(rf"\b(?:{'|'.join(_PLURAL)})\b")


def in_digits(text: str) -> str:
    """Return `text` in lower case with number words and fractions as digits and one decimal point.

    Args:
        text: a message as the person wrote it.
    """
    text = text.translate(_FOLD).lower()
    text = _PLURALS.sub(lambda m: _PLURAL[m.group()], text)
    for pattern, instead in _BEFORE:
        text = pattern.sub(instead, text)
    text = "\n".join(alpha2digit(line, "en", relaxed=True) for line in text.split("\n"))
    for pattern, instead in _AFTER:
        text = pattern.sub(instead, text)
    return text
