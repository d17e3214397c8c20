"""What the passport of a plot tells: its columns and its project's, with words and units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoplan.publish.map.payload import coded_column

HAZARD_CLASSES = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V"}


@dataclass(frozen=True)
class Field:
    """One line of a passport.

    Attributes
    ----------
    column, label, unit : str
        The column shown, what it is called and the unit of its numbers.
    digits : int
        Most decimals shown.
    grouped : bool
        Whether thousands are set apart; not so in years.
    """

    column: str
    label: str
    unit: str = ""
    digits: int = 0
    grouped: bool = True


PLOT_FIELDS = (
    Field("plot_id", "Plot"),
    Field("zone_id", "Zone"),
    Field("block_id", "Block"),
    Field("strip_id", "Strip"),
    Field("use", "Use"),
    Field("area_ha", "Area", "ha", 4),
    Field("asked_ha", "Cut for a need of", "ha", 4),
    Field("frontage_m", "Frontage", "m", 1),
    Field("depth_m", "Depth", "m", 1),
    Field("rectangularity", "Rectangularity", digits=2),
    Field("corner", "Corner plot"),
    Field("gate_distance_m", "Way to a gate", "m"),
    Field("market", "Market"),
    Field("occupation", "Occupation"),
    Field("servicing", "Servicing"),
    Field("available_year", "Available from", grouped=False),
    Field("project_id", "Project"),
)

PROJECT_FIELDS = (
    Field("project_id", "Project"),
    Field("name", "Name"),
    Field("sector", "Sector"),
    Field("use", "Use asked for"),
    Field("area_ha", "Area asked for", "ha", 4),
    Field("area_min_ha", "Least area", "ha", 4),
    Field("area_max_ha", "Largest area", "ha", 4),
    Field("frontage_min_m", "Least frontage", "m", 1),
    Field("invest_bn_kzt", "Investment", "bn KZT", 3),
    Field("jobs", "Jobs"),
    Field("power_mw", "Power", "MW", 3),
    Field("water_m3d", "Water", "m³/day", 1),
    Field("wastewater_m3d", "Waste water", "m³/day", 1),
    Field("gas_m3h", "Gas", "m³/h", 1),
    Field("heat_gcalh", "Heat", "Gcal/h", 3),
    Field("rail", "Rail"),
    Field("hazard_class", "Hazard class"),
    Field("sensitive", "Sensitive"),
    Field("start_year", "Start", grouped=False),
    Field("priority", "Priority"),
    Field("status", "Status"),
)


def coded_fields(table: pd.DataFrame, fields: tuple[Field, ...]) -> list[dict[str, Any]]:
    """Code the columns of a table that its passport shows and that hold anything.

    Returns
    -------
    list of dict
        Per field its ``column``, ``label``, ``unit``, ``digits``, ``grouped`` and the coded
        ``values`` and ``codes``.
    """
    return [
        {
            "column": field.column,
            "label": field.label,
            "unit": field.unit,
            "digits": field.digits,
            "grouped": field.grouped,
            **coded_column(_in_words(table[field.column]), digits=field.digits),
        }
        for field in fields
        if field.column in table.columns and table[field.column].notna().any()
    ]


def _in_words(values: pd.Series[Any]) -> pd.Series[Any]:
    """Say booleans and hazard classes the way planners write them."""
    if pd.api.types.is_bool_dtype(values.dtype) or set(values.dropna().map(type)) == {bool}:
        return values.map({True: "yes", False: "no"})
    if values.name == "hazard_class":
        return values.map(HAZARD_CLASSES)
    return values
