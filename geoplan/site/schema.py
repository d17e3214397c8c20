"""The layer contracts: every column of every layer, with its meaning, unit and check.

They stand here once. Readers take names and types from them, pandera holds frames against
them, and each check carries its own words: ``title`` says what must hold, ``description``
what to do where it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from geoplan.config import FIGURE_MAX, UTILITY_KINDS, ZONE_USES
from geoplan.site.days import is_day

GATE_KINDS = ("road", "rail", "port")
PROJECT_STATUSES = (
    "application",
    "review",
    "reservation",
    "contract",
    "construction",
    "operation",
    "withdrawn",
)
MARKET_STATES = ("not marketable", "for sale", "optioned", "reserved", "sold")
OCCUPATION_STATES = ("vacant", "transitional", "occupied", "derelict")
SERVICING_STATES = ("raw", "planned", "serviced")
"""The three independent states of a plot (French CNIG standard "Sites economiques")."""

STREET_CLASSES = ("main", "collector", "local")
"""From the best to the least."""
WORDS_TAKEN_AS = {
    "applied": "application",
    "reserved": "reservation",
    "contracted": "contract",
    "under construction": "construction",
    "operating": "operation",
    "operational": "operation",
}
"""Words that lists of applicants use for a status, and the one that is meant."""

CROSSABLE_KINDS = frozenset({"pipeline", "power_line", "cable", "heat_main"})
"""Kinds of exclusion that streets may cross, unless the record says otherwise."""

ID_SEPARATOR = ";"
"""Joins ids where a cell holds several, without spaces around it once read."""

ID_LISTS = ("plot_id", "near", "apart")
"""Columns of the portfolio whose cells may hold several ids."""

YEAR_COLUMNS = ("start_year_max", "build_years", "status_since")
"""Columns that a plan's portfolio has only where somebody states any of them."""

POLYGONS = frozenset({"Polygon", "MultiPolygon"})
POINTS = frozenset({"Point", "MultiPoint"})
LINES = frozenset({"LineString", "MultiLineString"})


@dataclass(frozen=True)
class LayerContract:
    """What one layer or table must look like.

    Attributes
    ----------
    key : str
        The column of ids.
    columns : pandera DataFrameSchema
        All columns but the geometry. A column's ``metadata`` tells whether the file must have
        it (``required``), its pandas ``dtype``, and whether it is one of a few words
        (``choice``); its ``default`` fills it where it is absent or null.
    geometry : frozenset of str
        Geometry types allowed; empty for a table.
    geometry_required : bool
        Whether each record must have a geometry.
    may_be_empty : bool
        Whether the layer may have no records.
    """

    key: str
    columns: pa.DataFrameSchema
    geometry: frozenset[str] = frozenset()
    geometry_required: bool = True
    may_be_empty: bool = True


def _finite(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.abs() < np.inf


def _above_zero(values: pd.Series[Any]) -> pd.Series[Any]:
    return (values > 0) & _finite(values)


def _not_negative(values: pd.Series[Any]) -> pd.Series[Any]:
    return (values >= 0) & _finite(values)


ABOVE_ZERO = pa.Check(
    _above_zero,
    title="must be a finite number above zero",
    description="Give each record its figure in the unit of the column's name.",
)
NOT_NEGATIVE = pa.Check(
    _not_negative,
    title="must be a finite number, zero or more",
    description="Correct the figures, or leave the cells empty.",
)
PLAUSIBLE = pa.Check(
    lambda values: ~(values > FIGURE_MAX) | np.isinf(values.astype("float64")),
    title=f"must be {FIGURE_MAX:g} at most",
    description="Check the unit, and that no figures stand twice.",
)
HAZARD_CLASS = pa.Check.in_range(
    1,
    5,
    title="must be a hazard class from 1 (most dangerous) to 5",
    description="Write classes I-V as 1-5.",
)
YEAR = pa.Check.in_range(
    1900,
    2200,
    title="must be a year between 1900 and 2200",
    description="Write the year with four digits.",
)
BUILD_YEARS = pa.Check.in_range(
    1,
    30,
    title="must be a number of years from 1 to 30",
    description="Write the whole number of years that building takes.",
)
ISO_DATE = pa.Check(
    lambda days: days.map(is_day).astype(bool),
    title="must be a day, year-month-day",
    description="Write days as 2026-11-01.",
)
NO_ID_SEPARATOR = pa.Check(
    lambda ids: ~ids.str.contains(ID_SEPARATOR, regex=False),
    title=f"must not contain '{ID_SEPARATOR}', which joins ids in lists",
    description="Rename the records.",
)


def _column(
    dtype: str,
    meaning: str,
    *checks: pa.Check,
    required: bool = False,
    choice: bool = False,
    default: object = None,
) -> pa.Column:
    # A column with a default is filled before it is checked, so that nulls are left only where
    # the contract allows them: optional columns without a default.
    return pa.Column(
        dtype,
        checks=list(checks),
        nullable=not required and default is None,
        description=meaning,
        default=default,
        metadata={"required": required, "dtype": dtype, "choice": choice},
    )


def _id(meaning: str) -> pa.Column:
    column = _column("str", meaning, NO_ID_SEPARATOR, required=True)
    column.unique = True
    return column


def _text(meaning: str, *, required: bool = False) -> pa.Column:
    return _column("str", meaning, required=required)


def _day(meaning: str) -> pa.Column:
    column = _column("str", f"{meaning}, year-month-day", ISO_DATE)
    column.metadata["day"] = True
    return column


def _choice(
    meaning: str,
    known: Sequence[str],
    *,
    required: bool = False,
    default: str | None = None,
    words: Mapping[str, str] = MappingProxyType({}),
) -> pa.Column:
    check = pa.Check.isin(
        known, title=f"must be one of {', '.join(known)}", description="Correct the values."
    )
    column = _column("str", meaning, check, required=required, choice=True, default=default)
    column.metadata["words"] = dict(words)
    return column


def _number(
    meaning: str, check: pa.Check, *, required: bool = False, default: float | None = None
) -> pa.Column:
    return _column("float64", meaning, check, PLAUSIBLE, required=required, default=default)


def _integer(meaning: str, check: pa.Check, *, default: int | None = None) -> pa.Column:
    return _column("Int64", meaning, check, default=default)


_DEMAND_UNITS = {
    "power_mw": "MW",
    "water_m3d": "m3 a day",
    "wastewater_m3d": "m3 a day",
    "gas_m3h": "m3 an hour",
    "heat_gcalh": "Gcal an hour",
}

ZONES = LayerContract(
    "zone_id",
    pa.DataFrameSchema(
        {
            "zone_id": _id("id of the zone"),
            "use": _choice("the one permitted use", ZONE_USES, required=True),
            "name": _text("name on the map"),
            "available_year": _integer("year from which it can be built on", YEAR),
            "hazard_max": _integer("most dangerous hazard class admitted, 1-5", HAZARD_CLASS),
            "price_mln_kzt_ha": _number(
                "price of its plots on offer, million KZT/ha", NOT_NEGATIVE
            ),
        }
    ),
    geometry=POLYGONS,
    may_be_empty=False,
)
EXCLUSIONS = LayerContract(
    "exclusion_id",
    pa.DataFrameSchema(
        {
            "exclusion_id": _id("id of the exclusion"),
            "kind": _text("what it is: water, pipeline, building..."),
            "buffer_m": _number("land kept free around it, m", NOT_NEGATIVE, default=0.0),
            "crossable": _column("bool", "whether streets may cross it"),
        }
    ),
    geometry=POLYGONS | POINTS | LINES | {"GeometryCollection"},
)
GATES = LayerContract(
    "gate_id",
    pa.DataFrameSchema(
        {
            "gate_id": _id("id of the gate"),
            "kind": _choice("what it leads to", GATE_KINDS, default="road"),
            "row_m": _number("right of way of the street through it, m", ABOVE_ZERO),
        }
    ),
    geometry=POINTS | LINES,
)
UTILITIES = LayerContract(
    "utility_id",
    pa.DataFrameSchema(
        {
            "utility_id": _id("id of the source"),
            "kind": _choice("what it supplies, with its unit", UTILITY_KINDS, required=True),
            "capacity": _number("capacity in the unit of its kind", ABOVE_ZERO, required=True),
            "available_year": _integer("year from which it supplies", YEAR),
        }
    ),
    geometry=POINTS | POLYGONS,
    geometry_required=False,
)
RECEPTORS = LayerContract(
    "receptor_id",
    pa.DataFrameSchema(
        {
            "receptor_id": _id("id of the receptor"),
            "kind": _text("what it is: housing, recreation, food, pharma...", required=True),
            "distance_m": _number("distance to keep instead of the class's, m", NOT_NEGATIVE),
        }
    ),
    geometry=POLYGONS | POINTS | LINES | {"GeometryCollection"},
)
ROADS = LayerContract(
    "road_id",
    pa.DataFrameSchema(
        {
            "road_id": _id("id of the existing street"),
            "class": _choice("its class", STREET_CLASSES, default="collector"),
            "row_m": _number("right of way, m; by class where null", ABOVE_ZERO),
            "available_year": _integer("year from which land along it can be reached", YEAR),
        }
    ),
    geometry=LINES,
)
SIDINGS = LayerContract(
    "siding_id",
    pa.DataFrameSchema(
        {
            "siding_id": _id("id of the siding"),
            "row_m": _number("right of way, m", ABOVE_ZERO, default=15.0),
            "gate_id": _text("railway gate that it begins at"),
            "crossable": _column("bool", "whether streets may cross it", default=False),
        }
    ),
    geometry=LINES,
)
PLOTS = LayerContract(
    "plot_id",
    pa.DataFrameSchema(
        {
            "plot_id": _id("id of the plot, as the cadastre has it"),
            "market": _choice("state on the market", MARKET_STATES, default="for sale"),
            "occupation": _choice("state of use", OCCUPATION_STATES, default="vacant"),
            "servicing": _choice("state of servicing; by year where null", SERVICING_STATES),
            "project_id": _text("project that keeps it (locked)"),
            "area_declared_ha": _number("area in the deed, ha", ABOVE_ZERO),
            "cadastral_number": _text("number in the state's cadastre"),
            "price_mln_kzt": _number("price, million KZT; by zone where null", NOT_NEGATIVE),
        }
    ),
    geometry=frozenset({"Polygon"}),
)
PROJECTS = LayerContract(
    "project_id",
    pa.DataFrameSchema(
        {
            "project_id": _id("id of the application"),
            "name": _text("name; the id where none is given"),
            "investor": _text("who applies; maps for investors do not tell it"),
            "sector": _text("sector of the economy"),
            "use": _choice("use of the zone it needs; any plotted one where null", ZONE_USES),
            "area_ha": _number("area asked for, ha", ABOVE_ZERO, required=True),
            "area_min_ha": _number("least area that will do, ha", ABOVE_ZERO),
            "area_max_ha": _number("greatest area that will do, ha", ABOVE_ZERO),
            "frontage_min_m": _number("least street frontage, m", ABOVE_ZERO),
            "invest_bn_kzt": _number("investment, billion KZT", NOT_NEGATIVE, default=0.0),
            "jobs": _integer("jobs", NOT_NEGATIVE, default=0),
            **{
                kind: _number(f"demand, {_DEMAND_UNITS[kind]}", NOT_NEGATIVE, default=0.0)
                for kind in UTILITY_KINDS
            },
            "rail": _column("bool", "whether it needs a railway", default=False),
            "heavy": _column(
                "bool",
                "whether heavy goods vehicles come: it fronts no local street",
                default=False,
            ),
            "hazard_class": _integer("hazard class, 1 (most dangerous) to 5", HAZARD_CLASS),
            "sensitive": _column("boolean", "whether it is a receptor; by sector where null"),
            "start_year": _integer("year in which construction starts", YEAR),
            "start_year_max": _integer("last year in which it may start; start_year if null", YEAR),
            "build_years": _integer("years over which its capital is spent", BUILD_YEARS),
            "priority": _number("weight, greater first", NOT_NEGATIVE, default=0.0),
            "status": _choice(
                "where it stands", PROJECT_STATUSES, default="application", words=WORDS_TAKEN_AS
            ),
            "status_since": _day("day on which its status began"),
            "plot_id": _text("plot or plots that it keeps (locked), joined by ';'"),
            "near": _text("ids of projects it would stand near, joined by ';'; a wish"),
            "apart": _text("ids of projects it must stand apart from, joined by ';'"),
        }
    ),
    may_be_empty=False,
)

FLOWS = LayerContract(
    "from_id",
    pa.DataFrameSchema(
        {
            "from_id": _text("project or gate that sends", required=True),
            "to_id": _text("project or gate that receives", required=True),
            "commodity": _column("str", "what is sent", default="goods"),
            "t_year": _number("tonnes a year", NOT_NEGATIVE, required=True),
            "from_year": _integer("first year; always where null", YEAR),
            "to_year": _integer("last year; for good where null", YEAR),
        }
    ),
)

INFRASTRUCTURE = LayerContract(
    "infrastructure_id",
    pa.DataFrameSchema(
        {
            "infrastructure_id": _id("id of what is to be built"),
            "name": _text("name; the id where none is given"),
            "serves": _text("ids of zones, utilities and roads that wait for it, joined by ';'"),
            "utility_id": _text("utility that it adds capacity to"),
            "capacity": _number("capacity that it adds, in the utility's unit", ABOVE_ZERO),
            "year": _column("Int64", "year from which it is there", YEAR, required=True),
            "cost_bn_kzt": _number("cost, billion KZT", NOT_NEGATIVE, default=0.0),
            "depends_on": _text("ids of what must be there before, joined by ';'"),
        }
    ),
    geometry=POLYGONS | POINTS | LINES,
    geometry_required=False,
    may_be_empty=False,
)

CONTRACTS: Mapping[str, LayerContract] = {
    "zones": ZONES,
    "exclusions": EXCLUSIONS,
    "gates": GATES,
    "utilities": UTILITIES,
    "receptors": RECEPTORS,
    "roads": ROADS,
    "sidings": SIDINGS,
    "plots": PLOTS,
    "projects": PROJECTS,
    "flows": FLOWS,
    "infrastructure": INFRASTRUCTURE,
}
"""Layer or table to its contract, in reading order."""
