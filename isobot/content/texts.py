"""What every patient text must satisfy: length, reading grade, GSM-7 characters, banned phrases, dose ceiling."""

import re

import smsutil
import textstat

MAX_ANSWER_WORDS = 90
MAX_MORE_WORDS = 120
MAX_SMS_UNITS = 306  # two concatenated GSM-7 segments of 153 septets (3GPP TS 23.040)
MAX_GRADE = 8.0  # NIH asks for below grade 8 in patient materials
MAX_MEAN_GRADE = 6.0  # AMA asks for grade 6 or below
MAX_DAILY_DOSE_MG_PER_KG = 2.0  # the highest daily dose in any label read (US, adults with very severe acne)

# Readers of these texts know the names of their own medicine, so the names are not counted as hard words.
_NAMES = re.compile(
    r"\b(isotretinoin|accutane|roaccutane|absorica(?: LD)?|claravis|amnesteem|zenatane|myorisan|reticutan|rizuderm"
    r"|clarus|epuris|oratane|rocta|iPLEDGE|doxycycline|minocycline|lymecycline|tetracyclines?|sarecycline)\b",
    re.IGNORECASE,
)
_LINKS = re.compile(r"\[([^\]]+)\]\([^)]+\)")

# Wording that promises, diagnoses, changes a dose, or sells (clinical safety rule: information only).
BANNED_PHRASES = (
    r"\bsafe for you\b",
    r"\b(completely|totally|perfectly|100 ?%) safe\b",
    r"\byour dose is\b",
    r"\byour dose should be\b",
    r"\byou should take \d",
    r"\btake \d+ ?mg\b",
    r"\bnothing to worry about\b",
    r"\b(don't|do not|no need to) worry\b",
    r"\bno need to (see|call|contact|ask)\b",
    r"\b(it|that|this) is (perfectly |completely |totally )?(normal|fine)\b",
    r"\b(it|that|this)'s (perfectly |completely |totally )?(normal|fine)\b",
    r"\byou (do not|don't) have\b(?! to\b| any questions)",
    r"\byou (probably|likely|certainly) have\b",
    r"\byou can stop (on|in|after|now)\b",
    r"\byou must continue\b",
    r"\b(we|I) guarantee\b|\bguaranteed?\b",
    r"\bcure[sd]?\b",
    r"\bno side effects\b",
    r"\breset button\b|\bgame[- ]changer\b|\bno surprises\b|\bwithout surprises\b|\bmiracle\b",
    r"\bclinically accurate\b|\bdoctor[- ]approved\b",
    r"\b(increase|reduce|raise|lower|double) your dose\b",
    r"\byour risk (of|is)\b",
    r"\bcheapest\b|\bdiscount\b|\bbuy (it )?from\b",
    r"\bwomen of child",
    r"\bas a (doctor|nurse|pharmacist)\b",
)
_BANNED = [re.compile(p, re.IGNORECASE) for p in BANNED_PHRASES]
_DAILY_RATE = re.compile(
    r"(\d+(?:\.\d+)?)(?:\s*(?:-|to|and)\s*(\d+(?:\.\d+)?))?\s*mg\s*(?:/|per|for (?:each|every))\s*(?:kg|kilo\w*)"
    r"(?:[^.\n]{0,40}?)\b(?:a|per|each|every|/)\s*day\b",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Return `text` without Markdown links and list marks, as a person would read it aloud."""
    text = _LINKS.sub(r"\1", text).replace("**", "")
    return re.sub(r"^\s*[-*] ", "", text, flags=re.MULTILINE)


def word_count(text: str) -> int:
    """Return the number of words of `text`, without Markdown."""
    return len(plain(text).split())


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of `text`; the medicine's names count as one easy word each.

    Source: Kincaid et al. 1975, as computed by textstat.
    """
    # A line break ends a sentence for a reader, so list items without a full stop are not counted as one long sentence.
    lines = [line.strip() for line in plain(_NAMES.sub("drug", text)).splitlines() if line.strip()]
    prose = " ".join(line if line[-1] in ".!?" else line + "." for line in lines)
    return float(textstat.textstat.flesch_kincaid_grade(prose))


def gsm7_units(text: str) -> int | None:
    """Return the length of `text` in GSM-7 septets, or None when a character is outside GSM-7 (3GPP TS 23.038)."""
    return len(smsutil.encode(text)) if not text or smsutil.is_valid_gsm(text) else None


def banned_phrases(text: str) -> list[str]:
    """Return the phrases of `text` that no patient text may contain."""
    return [m.group(0) for p in _BANNED if (m := p.search(plain(text)))]


def highest_daily_rate_mg_per_kg(text: str) -> float | None:
    """Return the highest daily weight-based dose (mg/kg/day) that `text` names, or None when it names none."""
    rates = [float(x) for m in _DAILY_RATE.finditer(plain(text)) for x in m.groups() if x]
    return max(rates) if rates else None


def problems(text: str, *, sms: bool = False, more: bool = False) -> list[str]:
    """Return what is wrong with one patient text, in words; an empty list means that it may be shown.

    Args:
        text: the text as patients read it, Markdown allowed.
        sms: check it as a text message (GSM-7 length) instead of by words.
        more: it is a "tell me more" text, which may be longer.
    """
    found = [f"banned phrase {phrase!r}" for phrase in banned_phrases(text)]
    rate = highest_daily_rate_mg_per_kg(text)
    if rate is not None and rate > MAX_DAILY_DOSE_MG_PER_KG:
        found.append(f"names a daily dose of {rate} mg/kg, above {MAX_DAILY_DOSE_MG_PER_KG}")
    if (grade := reading_grade(text)) > MAX_GRADE:
        found.append(f"reading grade {grade}, above {MAX_GRADE}")
    if sms:
        units = gsm7_units(text)
        if units is None:
            odd = sorted({c for c in text if not smsutil.is_valid_gsm(c)})
            found.append(f"characters outside GSM-7: {odd}")
        elif units > MAX_SMS_UNITS:
            found.append(f"{units} GSM-7 units, above {MAX_SMS_UNITS}")
    else:
        limit = MAX_MORE_WORDS if more else MAX_ANSWER_WORDS
        if (count := word_count(text)) > limit:
            found.append(f"{count} words, above {limit}")
    return found
