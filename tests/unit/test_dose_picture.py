"""The picture of the total so far: fit for a strict page, readable aloud, true to scale, without advice."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isobot.dose.arithmetic import Period, mg_per_kg, shown, total_mg
from isobot.dose.picture import Chart, blocks, chart, svg

NS = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "rect", "line", "polyline", "circle", "text"}
ADVICE = re.compile(
    r"\b(too|enough|much|finish|stop|done|reach|complete|should|must|need|continue|over|above|below|safe|high|low|"
    r"left|remain|only|ask|good)\w*",
    re.I,
)
KG = Decimal(70)
COURSE = (Period(Fraction(20), 30), Period(Fraction(40), 120))  # 5400 mg, 77.1 mg/kg
MARKS_UNIT = len("120-150 mg/kg")

periods = st.lists(
    st.builds(
        Period,
        st.fractions(min_value=0, max_value=400, max_denominator=12),
        st.integers(min_value=0, max_value=730),
    ),
    max_size=100,
)
weights = st.decimals(min_value=25, max_value=300, places=2)
targets = st.none() | st.decimals(min_value=1, max_value=400, places=3)
CASES = {
    "ordinary": chart(COURSE, KG, None),
    "target": chart(COURSE, KG, Decimal("133.33")),
    "target_above_the_axis": chart(COURSE, KG, Decimal(220)),
    "one_day": chart([Period(Fraction(40), 1)], Decimal("61.25"), None),
    "above_the_band": chart([Period(Fraction(60), 200)], KG, None),
    "far_above": chart([Period(Fraction(400), 730)], Decimal(60), Decimal(150)),
    "a_hundred": chart([Period(Fraction(20 + i % 3 * 10), 3) for i in range(100)], Decimal("58.7"), None),
    "a_pause": chart([Period(Fraction(60), 100), Period(Fraction(0), 50)], KG, None),
    "nothing_taken": chart([Period(Fraction(0), 50)], KG, None),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def tag(element: ET.Element) -> str:
    return element.tag.removeprefix(NS)


def texts(root: ET.Element) -> list[str]:
    return [e.text or "" for e in root.iter(f"{NS}text")]


def polyline(root: ET.Element) -> list[tuple[float, float]]:
    (line,) = root.iter(f"{NS}polyline")
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())]


def bar(picture: str) -> str:
    return picture.split("\n", maxsplit=1)[0]


def eighths(picture: str) -> int:
    """The length of the bar, in eighths of a column."""
    return sum(8 if c == "█" else "▏▎▍▌▋▊▉".index(c) + 1 for c in bar(picture))


def test_the_points_are_the_totals_at_each_change_of_dose() -> None:
    drawn = chart((*COURSE, Period(Fraction(40), 10)), Decimal("62.5"), Decimal(130))
    assert drawn == Chart(
        ((0, Fraction(0)), (30, Fraction(48, 5)), (160, Fraction(464, 5))), Decimal(120), Decimal(150), Decimal(130)
    )


@pytest.mark.parametrize("none", [[], [Period(Fraction(40), 0)]])
def test_nothing_known_gives_no_picture(none: list[Period]) -> None:
    empty = chart(none, KG, Decimal(130))
    assert empty.points == ((0, Fraction(0)),)
    assert svg(empty) == ""
    assert blocks(empty) == ""


def test_a_weight_of_nothing_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        chart(COURSE, Decimal(0), None)


@every_case
def test_a_strict_page_takes_the_svg(case: Chart) -> None:
    text = svg(case)
    root = ET.fromstring(text)
    assert root.attrib["viewBox"] == "0 0 320 180"
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
    for element in root.iter():
        assert tag(element) in ELEMENTS
        assert not [name for name in element.attrib if name in ("style", "class") or name.startswith("on")]
        assert not [name for name in element.attrib if "href" in name or name == "src"]
        assert "url(" not in "".join(element.attrib.values())
        for name in ("fill", "stroke"):
            assert element.attrib.get(name, "none") in ("none", "currentColor")


@every_case
def test_a_screen_reader_finds_title_and_description(case: Chart) -> None:
    root = ET.fromstring(svg(case))
    title, desc = list(root)[:2]
    assert (tag(title), tag(desc)) == ("title", "desc")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], desc.attrib["id"]]
    assert title.text
    assert desc.text
    assert f" {shown(case.points[-1][1], 1)} mg/kg" in desc.text
    assert ("target" in desc.text) is (case.target is not None)


def test_the_description_says_what_is_drawn() -> None:
    desc = ET.fromstring(svg(CASES["target"])).find(f"{NS}desc")
    assert desc is not None
    assert desc.text == (
        "A line from 0 to 77.1 mg/kg in 150 days. The shaded band is the often-used total for a course, 120 to 150 "
        "mg/kg. The dashed line is the prescriber's target, 133.3 mg/kg."
    )


def test_ids_differ_between_pictures_and_not_between_runs() -> None:
    ids = [e.attrib["id"] for case in CASES.values() for e in ET.fromstring(svg(case)).iter() if "id" in e.attrib]
    assert len(set(ids)) == 2 * len(CASES)
    assert svg(CASES["ordinary"]) == svg(chart(COURSE, KG, None))


@every_case
def test_axes_band_and_last_value_are_labelled(case: Chart) -> None:
    words = texts(ET.fromstring(svg(case)))
    assert {"days", "mg/kg", "often used: 120-150"} <= set(words)
    assert words[-1] == f"{shown(case.points[-1][1], 1)}"
    assert any(w.startswith("prescriber's target") for w in words) is (case.target is not None)


def test_the_last_value_is_rounded_half_up() -> None:
    assert texts(ET.fromstring(svg(chart([Period(Fraction("24.95"), 1)], Decimal(1), None))))[-1] == "25.0"


@every_case
def test_all_of_it_lies_inside_the_view(case: Chart) -> None:
    for element in ET.fromstring(svg(case)).iter():
        for name, most in (("x", 320), ("x1", 320), ("x2", 320), ("cx", 320), ("y", 180), ("y1", 180), ("y2", 180)):
            assert 0 <= float(element.attrib.get(name, 0)) <= most


@given(periods, weights, targets)
def test_the_line_only_goes_right_and_up(taken: list[Period], kg: Decimal, target: Decimal | None) -> None:
    text = svg(chart(taken, kg, target))
    if not text:
        assert not any(p.days for p in taken)
        return
    root = ET.fromstring(text)
    line = polyline(root)
    assert line[0] == (36, 148)
    assert line[-1][0] == 306
    assert all(x0 <= x1 and y0 >= y1 >= 44 for (x0, y0), (x1, y1) in pairwise(line))
    assert texts(root)[-1] == f"{shown(mg_per_kg(total_mg(taken), kg), 1):f}"


def test_the_line_is_true_to_scale() -> None:
    root = ET.fromstring(svg(chart([Period(Fraction(80), 100), Period(Fraction(0), 100)], Decimal(100), None)))
    assert polyline(root) == [(36, 148), (171, 96), (306, 96)]  # 80 of 160 mg/kg, half-way through
    band = next(root.iter(f"{NS}rect")).attrib
    assert (float(band["y"]), float(band["height"])) == (50.5, 19.5)


def test_blocks_for_an_ordinary_course() -> None:
    assert blocks(CASES["ordinary"]) == (
        "███████████████████▎\n"
        "0                            120    150 mg/kg\n"
        "So far 77.1 mg/kg."
    )  # fmt: skip


def test_blocks_far_above_the_band() -> None:
    assert blocks(CASES["far_above"]) == (
        "████████████████████████████████████████\n"
        "0 120-150 mg/kg\n"
        "So far 4866.7 mg/kg. Prescriber's target: 150 mg/kg."
    )  # fmt: skip


def test_the_least_total_can_be_seen_and_none_cannot() -> None:
    assert bar(blocks(chart([Period(Fraction(1), 1)], Decimal(300), None))) == "▏"
    assert bar(blocks(CASES["nothing_taken"])) == ""


@pytest.mark.parametrize(("total", "columns"), [(120, 30), (150, 37), (160, 40), (161, 40), (1000, 40)])
def test_the_bar_ends_below_its_mark(total: int, columns: int) -> None:
    assert bar(blocks(chart([Period(Fraction(total), 1)], Decimal(1), None))).count("█") == columns


@given(periods, weights, targets, st.integers(min_value=-1, max_value=120))
def test_blocks_never_exceed_the_width(taken: list[Period], kg: Decimal, target: Decimal | None, width: int) -> None:
    picture = blocks(chart(taken, kg, target), width)
    if picture:
        line, marks, _ = picture.split("\n")
        assert len(line) <= max(width, 1)
        assert len(marks) <= max(width, 1) + MARKS_UNIT + 1
        assert re.fullmatch(r"0 +(120 +150|120-150) mg/kg", marks)


@given(
    periods.filter(lambda taken: any(p.days for p in taken)),
    weights,
    st.integers(min_value=0, max_value=99),
    st.integers(min_value=1, max_value=400),
    st.integers(min_value=1, max_value=120),
)
def test_more_days_never_shorten_the_bar(taken: list[Period], kg: Decimal, which: int, days: int, width: int) -> None:
    which %= len(taken)
    longer = [Period(p.mg_per_day, p.days + days * (i == which)) for i, p in enumerate(taken)]
    assert eighths(blocks(chart(longer, kg, None), width)) >= eighths(blocks(chart(taken, kg, None), width))


@every_case
def test_no_picture_gives_advice(case: Chart) -> None:
    spoken = " ".join(t for e in ET.fromstring(svg(case)).iter() if (t := e.text)) + blocks(case)
    assert ADVICE.findall(spoken) == []
