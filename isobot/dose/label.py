"""The label's figures by body weight and the calculator's bounds: label.yml, checked by a schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from isobot.content.reference import read_checked

LABEL_FILE = Path(__file__).with_name("label.yml")
_NUMBER = {"type": "string", "pattern": r"^\d+(\.\d+)?$"}
_PAIR = {"type": "array", "minItems": 2, "maxItems": 2, "items": _NUMBER}
_RATES = ("low_mg_per_kg_day", "usual_high_mg_per_kg_day", "adult_high_mg_per_kg_day")
_BOUNDS: dict[str, Any] = {
    "weight_kg": _PAIR,
    "confirm_below_kg": _NUMBER,
    "confirm_above_kg": _NUMBER,
    "recheck_dose_below_mg_per_kg": _NUMBER,
    "implausible_dose_mg": _NUMBER,
    "longest_days": {"type": "integer", "minimum": 1},
}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": dict(properties),
    }


_SCHEMA = _object(
    {
        "checked": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "products": _object(
            dict.fromkeys(
                ("ordinary", "absorica_ld"),
                _object({**dict.fromkeys(_RATES, _NUMBER), "source": {"type": "array", "items": {"type": "string"}}}),
            )
        ),
        "table_weights_kg": _PAIR,
        "cumulative_mg_per_kg": _PAIR,
        "cumulative_discussed_mg_per_kg": _NUMBER,
        "cumulative_recheck_mg_per_kg": _NUMBER,
        "bounds": _object(_BOUNDS),
        "youngest_years": {"type": "integer"},
        "adult_years": {"type": "integer"},
    }
)


class Product(StrEnum):
    """Which isotretinoin: their mg are not interchangeable."""

    ORDINARY = "ordinary"
    ABSORICA_LD = "absorica_ld"


@dataclass(frozen=True)
class Rates:
    """The label's daily doses of one product, in mg per kg of body weight."""

    low: Decimal
    usual_high: Decimal
    adult_high: Decimal


@dataclass(frozen=True)
class Label:
    """All figures of label.yml; weights in kg, doses in mg, totals in mg per kg.

    Attributes:
        rates: by product.
        table_weights: the lightest and the heaviest in the label's table.
        cumulative: the often-used total for a course, from and to.
        cumulative_discussed: beyond about this, a study saw no more benefit.
        cumulative_recheck: a higher total is likely a slip.
        weights: outside these a weight is not believed.
        confirm_below, confirm_above: outside these it is asked back first.
        recheck_below: a lower daily dose (mg/kg) is asked back.
        implausible_dose: a higher daily dose (mg) is not believed.
        longest_days: more days in all are asked back.
        youngest, adult: ages in years.
    """

    rates: Mapping[Product, Rates]
    table_weights: tuple[Decimal, Decimal]
    cumulative: tuple[Decimal, Decimal]
    cumulative_discussed: Decimal
    cumulative_recheck: Decimal
    weights: tuple[Decimal, Decimal]
    confirm_below: Decimal
    confirm_above: Decimal
    recheck_below: Decimal
    implausible_dose: Decimal
    longest_days: int
    youngest: int
    adult: int


@lru_cache(maxsize=1)
def label() -> Label:
    """Return the figures of label.yml.

    Raises:
        TableError: when the file is not as it must be.
    """
    data = read_checked(LABEL_FILE, _SCHEMA)
    bounds = data["bounds"]
    return Label(
        rates={p: Rates(*(Decimal(data["products"][p][key]) for key in _RATES)) for p in Product},
        table_weights=_pair(data["table_weights_kg"]),
        cumulative=_pair(data["cumulative_mg_per_kg"]),
        cumulative_discussed=Decimal(data["cumulative_discussed_mg_per_kg"]),
        cumulative_recheck=Decimal(data["cumulative_recheck_mg_per_kg"]),
        weights=_pair(bounds["weight_kg"]),
        confirm_below=Decimal(bounds["confirm_below_kg"]),
        confirm_above=Decimal(bounds["confirm_above_kg"]),
        recheck_below=Decimal(bounds["recheck_dose_below_mg_per_kg"]),
        implausible_dose=Decimal(bounds["implausible_dose_mg"]),
        longest_days=bounds["longest_days"],
        youngest=data["youngest_years"],
        adult=data["adult_years"],
    )


def _pair(values: list[str]) -> tuple[Decimal, Decimal]:
    return Decimal(values[0]), Decimal(values[1])
