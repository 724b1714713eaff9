"""Every kind of result in words: nothing that must never be printed, and only numbers that were calculated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import product

import pytest

from isobot.content.texts import MAX_GRADE, banned_phrases, reading_grade
from isobot.dose.arithmetic import KG_PER_LB, Period
from isobot.dose.conversation import Talk
from isobot.dose.label import Product
from isobot.dose.outcome import Figures, judge
from isobot.dose.reply import RESULT, responses_for
from isobot.dose.said import Refusal, Said, Unit, Weight, Wish
from isobot.dose.wording import Mode, number, result_text, sentences, understood

STANDING = (
    "This is arithmetic only, not a prescription. Don't change your dose; check with your prescriber or pharmacist."
)
ASK = "Your prescriber may have a reason; ask."
NEVER = re.compile(  # clinical reference, 3.8
    r"\byour (?:\w+ )?dose (?:is|should)\b|\btake \w+ (?:capsules?|mg|pills?|tablets?)\b|\byou (?:can|may|could) stop\b"
    r"|\bstop (?:on|after|taking)\b|\bsafe for you\b|\bincreas\w*|\breduc\w*|\brais(?:e|ing)\b|\blower\b|\bdouble\b"
    r"|\b(?:every other|alternate) days?\b|\bmornings?\b|\bevenings?\b|\bsplit\w*|\bmust continue\b|\bwe recommend\b"
    r"|\bideal\b|\bright dose\b|\benough\b|\btoo (?:much|little|low|high)\b",
    re.I,
)
COUNTRIES = ("US", "UK", "IE", "EU", "CA", None)
AGES = (None, 12, 16, 17, 18, 40)
RATES = {
    Product.ORDINARY: (Fraction(1, 2), Fraction(1), Fraction(2)),
    Product.ABSORICA_LD: (Fraction(2, 5), Fraction(4, 5), Fraction(8, 5)),
}
LEVELS = {  # parts of the way from one end of a label's range to the next
    "none": None,
    "far_below": lambda low, usual, adult: Fraction(1, 10),
    "below": lambda low, usual, adult: low - Fraction(1, 1000),
    "lowest": lambda low, usual, adult: low,
    "within": lambda low, usual, adult: (low + usual) / 2,
    "highest": lambda low, usual, adult: usual,
    "above": lambda low, usual, adult: usual + Fraction(1, 1000),
    "adult_highest": lambda low, usual, adult: adult,
    "outside": lambda low, usual, adult: adult + Fraction(1, 1000),
}
every_product = pytest.mark.parametrize("medicine", Product)
every_level = pytest.mark.parametrize("level", LEVELS)


def kilograms(kg: str) -> Weight:
    return Weight(Decimal(kg), f"{kg} kg", Unit.KG)


WEIGHTS = {
    "plain": (kilograms("70"),),
    "finer than shown": (kilograms("67.25"),),
    "light": (kilograms("36.5"),),
    "heavy": (kilograms("130"),),
    "pounds": (Weight(154 * KG_PER_LB, "154 lb", Unit.LB),),
    "stone": (Weight(158 * KG_PER_LB, "11 st 4 lb", Unit.STONE),),
    "changed": (kilograms("80"), kilograms("74")),
}
TAKEN = (Period(Fraction(20), 30), Period(Fraction(60, 7), 61))
TOTALS = {
    "nothing": Said(),
    "left": Said(wishes=(Wish.LEFT,)),
    "course": Said(wishes=(Wish.COURSE,)),
    "taken": Said(periods=TAKEN, wishes=(Wish.TAKEN,)),
    "one day": Said(periods=(Period(Fraction(40), 1),)),
    "counted": Said(mg_taken=Fraction(9000)),
    "in the range": Said(periods=(Period(Fraction(60), 150),)),
    "above it": Said(periods=(Period(Fraction(60), 200),)),
    "far above it": Said(periods=(Period(Fraction(60), 300),)),
    "target": Said(periods=TAKEN, target_mg_per_kg=Decimal("133.33")),
    "target alone": Said(target_mg=Decimal(9000)),
    "target reached": Said(mg_taken=Fraction(9000), target_mg_per_kg=Decimal(100)),
    "mixed": Said(periods=TAKEN, mixed_products=True),
}


@dataclass(frozen=True)
class Result:
    said: Said
    figures: Figures
    text: str
    country: str | None
    mode: Mode


def result(said: Said, country: str | None = None, mode: Mode = Mode.FULL) -> Result | None:
    figures = judge(said, confirmed=True)
    if not isinstance(figures, Figures):
        return None
    return Result(said, figures, result_text(figures, said.periods, country, mode), country, mode)


def text(said: Said, country: str | None = None, mode: Mode = Mode.FULL) -> str:
    found = result(said, country, mode)
    assert found is not None
    return found.text


def dosed(medicine: Product, level: str, weights: tuple[Weight, ...], by_rate: bool = False) -> Said:
    at = LEVELS[level]
    said = Said(weights=weights, weight_changed=len(weights) > 1, product=medicine)
    if at is None:
        return said
    rate = at(*RATES[medicine])
    if by_rate:
        return replace(said, mg_per_kg_day=Decimal(rate.numerator) / Decimal(rate.denominator))
    return replace(said, mg_per_day=rate * Fraction(weights[-1].kg))


def with_total(said: Said, total: Said) -> Said:
    names = ("periods", "wishes", "mg_taken", "target_mg_per_kg", "target_mg", "mixed_products")
    return replace(said, **{name: getattr(total, name) for name in names})


@cache
def results(medicine: Product, level: str) -> tuple[Result, ...]:
    """Every combination of one product and one level."""
    return tuple(_results(medicine, level))


def _results(medicine: Product, level: str) -> Iterator[Result]:
    plain = dosed(medicine, level, WEIGHTS["plain"])
    for country, age, mode in product(COUNTRIES, AGES, Mode):
        if mode is not Mode.OFF and (found := result(replace(plain, age=age), country, mode)):
            yield found
    for weights, total, by_rate, mode in product(WEIGHTS.values(), TOTALS.values(), (False, True), Mode):
        said = with_total(dosed(medicine, level, weights, by_rate), total)
        for country in ("US", None):
            if mode is not Mode.OFF and (found := result(said, country, mode)):
                yield found


def half_up(value: Fraction | Decimal, places: int) -> str:
    exact = Fraction(value)
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{quotient.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def numbers_in(words: str) -> set[Decimal]:
    return {Decimal(n) for n in re.findall(r"\d+(?:\.\d+)?", words)}


def calculated(found: Result) -> set[Decimal]:
    """Every number that a result may hold, worked out anew from what was said, and the label's own."""
    said, kg = found.said, Fraction(found.said.weights[-1].kg)
    rates = RATES[said.product or Product.ORDINARY]
    dose = said.mg_per_day
    if dose is None and said.mg_per_kg_day is not None:
        dose = Fraction(said.mg_per_kg_day) * kg
    taken = (
        said.mg_taken if said.mg_taken is not None else sum((p.mg_per_day * p.days for p in said.periods), Fraction(0))
    )
    target = Fraction(said.target_mg) if said.target_mg is not None else None
    if said.target_mg_per_kg is not None:
        target = Fraction(said.target_mg_per_kg) * kg
    shown = {half_up(kg, 1), "12", "18", "40", "100", "120", "150", "220", "0.5", "1", "0.4", "0.8", "2", "1.6"}
    shown |= {half_up(Fraction(w.kg), 1) for w in said.weights}
    shown |= {half_up(rate * kg, 1) for rate in rates}
    for words in (w.words for w in said.weights):
        shown |= set(re.findall(r"\d+(?:\.\d+)?", words))
    for period in said.periods:
        shown |= {half_up(period.mg_per_day, 1), str(period.days)}
    shown |= {half_up(taken, 0), half_up(taken / kg, 1), half_up(taken / Fraction(said.weights[0].kg), 1)}
    if dose is not None:
        shown |= {half_up(dose, 1), half_up(dose / kg, 2), half_up(dose / kg, 3)}  # three where two would hide a limit
    for total in (120 * kg, 150 * kg, target):
        if total is None:
            continue
        left = max(Fraction(0), total - taken)
        shown |= {half_up(total, 0), half_up(total / kg, 1), half_up(left, 0)}
        if dose:
            days = -(-left // dose)
            shown |= {str(days), half_up(Fraction(days, 7), 1)}
    return {Decimal(n) for n in shown}


@every_product
@every_level
def test_no_result_says_what_must_never_be_said(medicine: Product, level: str) -> None:
    for found in results(medicine, level):
        assert not NEVER.findall(found.text), found.text
        assert banned_phrases(found.text) == [], found.text


@every_product
@every_level
def test_every_result_is_easy_to_read(medicine: Product, level: str) -> None:
    for words in {found.text for found in results(medicine, level)}:
        assert reading_grade(words) <= MAX_GRADE, words


@every_product
@every_level
def test_every_result_ends_with_the_standing_sentence(medicine: Product, level: str) -> None:
    for found in results(medicine, level):
        assert found.text.endswith(f"\n\n{STANDING}")
        assert found.text.count(STANDING) == 1


@every_product
@every_level
def test_every_number_in_a_result_was_calculated(medicine: Product, level: str) -> None:
    for found in results(medicine, level):
        assert numbers_in(found.text) <= calculated(found), found.text


@every_product
@every_level
def test_a_dose_is_never_shown_without_the_label(medicine: Product, level: str) -> None:
    for found in results(medicine, level):
        if re.search(r"mg a day\b|mg/kg a day", found.text):
            assert re.search(r"\blabel\b|usual range|top dose", found.text), found.text


@every_product
@every_level
def test_no_placeholder_and_no_double_space_is_left(medicine: Product, level: str) -> None:
    for found in results(medicine, level):
        assert not re.search(r"[{}]|  |\n\n\n|None|Fraction|Decimal", found.text)


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("far_below", "below the usual label range of 0.5 to 1."),
        ("below", "below the usual label range of 0.5 to 1."),
        ("lowest", "within the usual label range of 0.5 to 1."),
        ("within", "within the usual label range of 0.5 to 1."),
        ("highest", "within the usual label range of 0.5 to 1."),
        ("above", "above"),
        ("adult_highest", "above"),
        ("outside", "outside every label. Do not take more, and call your prescriber or pharmacist now."),
    ],
)
def test_the_unrounded_dose_is_compared_with_the_label(level: str, said: str) -> None:
    for country, age in product(COUNTRIES, AGES):
        words = text(replace(dosed(Product.ORDINARY, level, WEIGHTS["plain"]), age=age), country)
        assert f"That is {said}" in words


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("below", "below the usual label range of 0.4 to 0.8."),
        ("lowest", "within the usual label range of 0.4 to 0.8."),
        ("highest", "within the usual label range of 0.4 to 0.8."),
        ("above", "above 0.8. The US label allows up to 1.6 in some adults"),
        ("adult_highest", "above 0.8. The US label allows up to 1.6 in some adults"),
        ("outside", "outside every label."),
    ],
)
def test_absorica_ld_has_its_own_range(level: str, said: str) -> None:
    for country in COUNTRIES:
        assert f"That is {said}" in text(dosed(Product.ABSORICA_LD, level, WEIGHTS["plain"]), country)


@pytest.mark.parametrize("level", ["above", "adult_highest"])
@pytest.mark.parametrize(
    ("age", "country", "said"),
    [
        (12, "US", "above the usual range for under-18s. Confirm it with your prescriber before the next dose."),
        (17, "UK", "above the usual range for under-18s. Confirm it with your prescriber before the next dose."),
        (16, None, "above the usual range for under-18s. Confirm it with your prescriber before the next dose."),
        (18, "US", "above 1. The US label allows up to 2 in some adults, not in under-18s."),
        (None, "US", "above 1. The US label allows up to 2 in some adults, not in under-18s."),
        (18, "UK", "above the usual UK and EU top dose of 1. Confirm it with your prescriber."),
        (40, "IE", "above the usual UK and EU top dose of 1. Confirm it with your prescriber."),
        (40, "EU", "above the usual UK and EU top dose of 1. Confirm it with your prescriber."),
        (40, None, "above 1, the usual top dose in the UK and EU. The US label allows up to 2"),
        (40, "CA", "above 1, the usual top dose in the UK and EU. The US label allows up to 2"),
    ],
)
def test_a_dose_above_the_range_is_told_by_age_and_country(level: str, age: int, country: str, said: str) -> None:
    words = text(replace(dosed(Product.ORDINARY, level, WEIGHTS["plain"]), age=age), country)
    assert f"That is {said}" in words
    assert words.split(f"That is {said}")[1].split("\n\n")[0].endswith(ASK)


def test_a_low_dose_is_told_to_be_off_label() -> None:
    words = text(dosed(Product.ORDINARY, "below", WEIGHTS["plain"]))
    assert f"Low-dose plans exist; they are off label. {ASK}" in words


@pytest.mark.parametrize(
    ("kg", "mg", "rate"),
    [("72", 40, "0.56"), ("72", 80, "1.11"), ("70", 140, "2.00"), ("80", 10, "0.13"), ("65", 40, "0.62")],
)
def test_the_formula_is_shown_with_its_result(kg: str, mg: int, rate: str) -> None:
    words = text(Said(weights=(kilograms(kg),), mg_per_day=Fraction(mg)))
    assert words.startswith(f"{mg} mg a day at {kg} kg is **{rate} mg/kg a day** ({mg} ÷ {kg}).")


def test_a_rate_is_worked_out_to_mg() -> None:
    words = text(Said(weights=(kilograms("55"),), mg_per_kg_day=Decimal("0.75")))
    assert words.startswith("0.75 mg/kg a day at 55 kg is **41.3 mg a day** (0.75 × 55).")


def test_the_labels_row_is_shown_where_no_dose_is_known() -> None:
    words = text(Said(weights=WEIGHTS["finer than shown"]))
    assert words.startswith("67.25 kg is 67.3 kg. The US label's figures for 67.3 kg:")
    assert "0.5 mg/kg is **33.6 mg a day**, 1 mg/kg is **67.3 mg a day**" in words
    assert "2 mg/kg (some adults only) is 134.5 mg a day" in words


def test_the_labels_row_of_absorica_ld_has_its_own_figures() -> None:
    words = text(Said(weights=(kilograms("50"),), product=Product.ABSORICA_LD))
    assert "0.4 mg/kg is **20.0 mg a day**, 0.8 mg/kg is **40.0 mg a day**" in words
    assert "1.6 mg/kg (some adults only) is 80.0 mg a day. They are not those of other capsules." in words


@pytest.mark.parametrize(
    ("name", "said"), [("pounds", "154 lb is 69.9 kg."), ("stone", "11 st 4 lb is 71.7 kg."), ("plain", "40 mg")]
)
def test_a_weight_in_another_unit_is_converted_first(name: str, said: str) -> None:
    assert text(Said(weights=WEIGHTS[name], mg_per_day=Fraction(40))).startswith(said)


@pytest.mark.parametrize(
    ("kg", "outside"), [("39.9", True), ("40", False), ("100", False), ("100.1", True), ("49.8951607", False)]
)
def test_weights_outside_the_labels_table_are_told(kg: str, outside: bool) -> None:
    for mode in (Mode.FULL, Mode.TABLE):
        words = text(Said(weights=(kilograms(kg),), mg_per_day=Fraction(40)), mode=mode)
        assert ("is outside the label table, which goes from 40 to 100 kg." in words) is outside


def test_the_total_shows_each_dose_and_its_days() -> None:
    periods = (Period(Fraction(20), 30), Period(Fraction(40), 30), Period(Fraction(60), 60))
    said = Said(weights=(kilograms("70"),), mg_per_day=Fraction(60), periods=periods, wishes=(Wish.LEFT,))
    words = text(said)
    sums = "20 mg × 30 days + 40 mg × 30 days + 60 mg × 60 days"
    assert f"So far: {sums} = **5400 mg**, which is **77.1 mg/kg** (5400 ÷ 70)." in words
    assert "To 120 mg/kg (8400 mg), **3000 mg** are left: **50 days** (7.1 weeks) at 60 mg a day." in words
    assert "To 150 mg/kg (10500 mg), **5100 mg** are left: **85 days** (12.1 weeks) at 60 mg a day." in words


def test_the_often_used_total_is_told_where_it_is_asked_about() -> None:
    words = text(Said(weights=(kilograms("58.4"),), wishes=(Wish.COURSE,)))
    assert "120 to 150 mg/kg is an often-used total for a course. At 58.4 kg that is 7008 to 8760 mg." in words
    assert "not a rule" in words


def test_a_named_target_takes_the_place_of_the_often_used_total() -> None:
    said = Said(
        weights=(kilograms("65"),),
        mg_per_day=Fraction(40),
        periods=(Period(Fraction(40), 90),),
        target_mg_per_kg=Decimal(120),
    )
    words = text(said)
    assert "To 120 mg/kg (7800 mg), **4200 mg** are left: **105 days** (15.0 weeks) at 40 mg a day." in words
    assert "150" not in words


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (209, "below the often-used 120."),
        (210, "in the often-used range of 120 to 150."),
        (262, "in the often-used range of 120 to 150."),
        (263, "above the often-used 150; recent studies discuss such totals."),
        (385, "above the often-used 150; recent studies discuss such totals."),
        (386, "One large study saw no extra benefit beyond about 220."),
    ],
)
def test_a_total_is_set_beside_the_often_used_one(days: int, said: str) -> None:
    words = text(Said(weights=(kilograms("70"),), mg_per_day=Fraction(40), periods=(Period(Fraction(40), days),)))
    assert said in words
    assert ("beyond about 220" in words) is (days > 385)


def test_a_changed_weight_shows_both_totals() -> None:
    said = Said(
        weights=WEIGHTS["changed"],
        weight_changed=True,
        mg_per_day=Fraction(60),
        periods=(Period(Fraction(60), 80),),
    )
    assert "**64.9 mg/kg** (4800 ÷ 74). By your earlier weight of 80 kg it is 60.0 mg/kg." in text(said)


def test_two_products_are_not_added() -> None:
    said = Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(40), periods=TAKEN, mixed_products=True)
    words = text(said)
    assert "I have not added Absorica LD and other capsules together" in words
    assert "So far" not in words
    assert "left" not in words


def test_an_average_is_told_to_be_one() -> None:
    assert "That is 8.6 mg a day on average." in text(Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(60, 7)))
    assert "average" not in text(Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(35, 2)))


@pytest.mark.parametrize(("age", "said"), [(None, True), (12, False), (30, False)])
def test_the_age_of_twelve_is_named_where_none_was_told(age: int | None, said: bool) -> None:
    words = text(Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(40), age=age))
    assert ("aged 12 or over" in words) is said


@every_level
def test_the_table_only_shows_no_dose_of_ones_own(level: str) -> None:
    said = dosed(Product.ORDINARY, level, WEIGHTS["plain"])
    words = text(said, mode=Mode.TABLE)
    withheld, _, table = words.partition("\n\n") if said.mg_per_day or said.mg_per_kg_day else ("", "", words)
    assert withheld.startswith("I don't work out mg/kg for a dose of your own here") or table == words
    assert table == text(Said(weights=WEIGHTS["plain"], product=Product.ORDINARY), mode=Mode.TABLE)
    assert "Here I only show the label's table and convert units." in words


@pytest.mark.parametrize(
    "said",
    [
        Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(40), refusals=(Refusal.PREGNANCY,)),
        Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(40), refusals=(Refusal.BREASTFEEDING,)),
        Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(40), age=11),
        Said(weight_number=Decimal(70), mg_per_day=Fraction(40)),
    ],
)
def test_there_is_no_result_where_none_may_be(said: Said) -> None:
    assert result(said) is None


def test_a_reply_holds_the_result_and_the_picture_of_the_total() -> None:
    said = Said(weights=WEIGHTS["plain"], mg_per_day=Fraction(40), periods=(Period(Fraction(40), 90),))
    slot = {"talk": Talk(said).as_dict(), "mode": "full"}
    (reply,) = responses_for(slot, "US")
    assert reply["response"] == RESULT
    assert reply["dose_result"] == text(said, "US")
    assert reply["picture"]["points"] == [[0, "0"], [90, "360/7"]]
    (table,) = responses_for({**slot, "mode": "label_table"}, "US")
    assert "picture" not in table


@pytest.mark.parametrize("slot", [None, {}, {"talk": Talk(Said()).as_dict(), "mode": "full"}])
def test_nothing_is_said_where_nothing_was_calculated(slot: dict[str, object] | None) -> None:
    assert responses_for(slot, None) == []


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (Said(), ""),
        (Said(weights=WEIGHTS["plain"]), "I have: 70 kg. "),
        (Said(weights=WEIGHTS["changed"], mg_per_day=Fraction(40)), "I have: 74 kg, 40 mg a day. "),
        (Said(mg_per_kg_day=Decimal("0.5")), "I have: 0.5 mg/kg a day. "),
        (
            Said(periods=(Period(Fraction(20), 30), Period(Fraction(35, 2), 60))),
            "I have: 20 mg × 30 days + 17.5 mg × 60 days. ",
        ),
    ],
)
def test_what_was_understood_is_repeated(said: Said, known: str) -> None:
    assert understood({"talk": Talk(said).as_dict()}) == known


READ_BACK = Said(
    weights=WEIGHTS["plain"],
    mg_per_day=Fraction(40),
    periods=(Period(Fraction(20), 30), Period(Fraction(40), 60)),
    read_back=True,
)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (READ_BACK, "20 mg a day for 30 days, plus 40 mg a day for 60 days, at 70 kg"),
        (
            replace(READ_BACK, mg_per_day=Fraction(60)),
            "20 mg a day for 30 days, plus 40 mg a day for 60 days, and now 60 mg a day, at 70 kg",
        ),
        (replace(READ_BACK, mg_taken=Fraction(9000), mg_per_day=None), "9000 mg so far, at 70 kg"),
    ],
)
def test_what_was_read_out_of_a_story_is_said_in_words(said: Said, read: str) -> None:
    words = understood({"talk": Talk(said).as_dict()})
    assert words == f"I read: {read}. "
    assert reading_grade(words) <= MAX_GRADE


def test_nothing_was_understood_before_anything_was_said() -> None:
    assert understood(None) == ""


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [("24.95", 1, "25.0"), ("31.25", 1, "31.3"), ("5400", 0, "5400"), ("0.125", 2, "0.13"), ("1E+2", 1, "100.0")],
)
def test_numbers_are_printed_plainly(value: str, places: int, shown: str) -> None:
    assert number(Decimal(value), places) == shown


def test_the_sentences_themselves_keep_the_rules() -> None:
    assert sentences()["standing"] == STANDING
    for words in sentences().values():
        assert not NEVER.findall(words), words
        assert banned_phrases(words) == [], words
