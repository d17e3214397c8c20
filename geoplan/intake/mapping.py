"""``MAP.toml``: which field of an export is which column of ours, in which words and units."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field

from geoplan.config import write_new
from geoplan.config.reading import checked, read_toml
from geoplan.config.settings import Settings
from geoplan.errors import GeoplanError, Problem, Problems, closest, nearest_name
from geoplan.site.schema import PROJECTS

_AREA = {"ha": 1.0, "m2": 1e-4, "km2": 100.0}
_FLOW = {"m3d": 1.0, "m3h": 24.0}
_POWER = {"mw": 1.0, "kw": 1e-3}
_HEAT = {"gcalh": 1.0, "mw": 0.859845}  # 1 MW = 3.6e9 J/h; 1 Gcal = 4.1868e9 J
_MONEY = {"bn_kzt": 1.0, "mln_kzt": 1e-3, "tenge": 1e-9}
_DOLLARS = {"bn_usd": 1.0, "mln_usd": 1e-3, "usd": 1e-9}

UNITS: dict[str, dict[str, float]] = {
    "area_ha": _AREA,
    "area_min_ha": _AREA,
    "area_max_ha": _AREA,
    "frontage_min_m": {"m": 1.0, "km": 1000.0},
    "invest_bn_kzt": {**_MONEY, **_DOLLARS},
    "power_mw": _POWER,
    "water_m3d": _FLOW,
    "wastewater_m3d": _FLOW,
    "gas_m3h": {"m3h": 1.0, "m3d": 1 / 24},
    "heat_gcalh": _HEAT,
}
"""Column to the units that an export may have it in, and what each is in the column's own.

Dollars are multiplied by the stated rate besides.
"""

_EXAMPLE = """\
# How the fields of a platform's export become the columns of a portfolio.
# geoplan register EXPORT --columns THIS_FILE --out projects.csv

# Where the records stand in JSON; without it the one list of records is taken.
# records = "data.projects"
# Put before every id; projects without it are the planner's own and are left alone.
# id_prefix = "NP-"
# KZT for one USD; needed where [units] has dollars.
# kzt_per_usd = 520.0

[columns]
# Our column = the export's; a dot leads into nested records, "=..." gives all the same value.
# project_id = "id"
# name = "title"
# investor = "investor.name"
# area_ha = "land.area"
# invest_bn_kzt = "investment.total"
# use = "=production"

[values.status]
# The export's word = ours: {statuses}.
# "На рассмотрении" = "review"
# "Договор" = "contract"
# "Отозван" = "withdrawn"

[values.sector]
# "Пищевая промышленность" = "food"

[units]
# In which unit the export has a column.
{units}
"""


class FieldMap(Settings):
    """What ``MAP.toml`` says.

    Attributes
    ----------
    records : str or None
        Keys, joined by dots, that lead to the list of records in JSON.
    id_prefix : str
        Put before every id of the export.
    kzt_per_usd : float or None
        Tenge for one dollar.
    columns : dict of str to str
        Our column to the export's field; ``=value`` gives all records that value.
    values : dict of str to dict
        Column to the export's words and ours.
    units : dict of str to str
        Column to the export's unit, one of :data:`UNITS`.
    """

    records: str | None = None
    id_prefix: str = ""
    kzt_per_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)

    def factor(self, column: str) -> float:
        """Return by what the export's figures are multiplied."""
        unit = self.units.get(column)
        if unit is None:
            return 1.0
        rate = self.kzt_per_usd if unit in _DOLLARS else None
        return UNITS[column][unit] * (rate or 1.0)

    def words(self, column: str) -> dict[str, str]:
        """Return the export's words for a column, folded, and ours."""
        return {folded(theirs): ours for theirs, ours in self.values.get(column, {}).items()}


def folded(text: str) -> str:
    """Leave out what two spellings of a word or an id may differ in: case and spaces.

    >>> folded(" На  Рассмотрении") == folded("на рассмотрении")
    True
    """
    return "".join(text.split()).casefold()


def load_mapping(path: Path | None) -> FieldMap:
    """Read and check a mapping; without a file, the export has our names, words and units.

    Raises
    ------
    GeoplanError
        With all keys, columns, words and units that nothing knows, each with the nearest.
    """
    if path is None:
        return FieldMap()
    if not path.exists():
        remedy = "Check the path; 'geoplan register --example FILE' writes one to fill in."
        raise GeoplanError([Problem(str(path), "there is no such file.", remedy)])
    mapping = checked(FieldMap, read_toml(path), path.name)
    problems = Problems()
    known = PROJECTS.columns.columns
    for section in ("columns", "values", "units"):
        for column in getattr(mapping, section):
            if column in known:
                continue
            where = f"{path.name}, [{section}] {column}"
            remedy = nearest_name(column, known)
            if column in FieldMap.model_fields:
                remedy = f"Write {column} at the top of the file, above [columns]."
            problems.add(where, "the portfolio has no such column.", remedy)
    _check_words(mapping, path.name, problems)
    _check_units(mapping, path.name, problems)
    problems.raise_any()
    return mapping


def _check_words(mapping: FieldMap, name: str, problems: Problems) -> None:
    for column, words in mapping.values.items():
        meant: dict[str, str] = {}
        for theirs, ours in words.items():
            where = f"{name}, [values.{column}] {theirs!r}"
            if meant.setdefault(folded(theirs), ours) != ours:
                cause = f"it is '{meant[folded(theirs)]}' and '{ours}', but for case and spaces."
                problems.add(where, cause, "Keep one of the two lines.")
            choices = allowed(column)
            if choices and ours not in choices:
                cause = f"'{ours}' is none of {', '.join(choices)}."
                problems.add(where, cause, nearest_name(ours, choices))


def _check_units(mapping: FieldMap, name: str, problems: Problems) -> None:
    for column, unit in mapping.units.items():
        if column not in PROJECTS.columns.columns:
            continue
        units = UNITS.get(column)
        if units is None:
            remedy = f"Leave it out; columns with units: {', '.join(UNITS)}."
            problems.add(f"{name}, [units] {column}", "it has no unit to choose.", remedy)
        elif unit not in units:
            close = closest(unit, units)
            nearest = f"Did you mean '{close}'? " if close else ""
            remedy = f"{nearest}Units: {', '.join(units)}."
            problems.add(f"{name}, [units] {column}", f"there is no unit '{unit}'.", remedy)
        elif unit in _DOLLARS and mapping.kzt_per_usd is None:
            remedy = "Write kzt_per_usd = ... at the top of the file, with a rate of your choice."
            problems.add(f"{name}, [units] {column}", "dollars need a rate.", remedy)


def allowed(column: str) -> tuple[str, ...]:
    """Return the words that a column may hold; none where it may hold any.

    >>> allowed("status")[:2], allowed("name")
    (('application', 'review'), ())
    """
    described = PROJECTS.columns.columns.get(column)
    if described is None or not described.metadata["choice"]:
        return ()
    chosen: Iterable[str] = described.checks[0].statistics["allowed_values"]
    return tuple(chosen)


def example_mapping_text() -> str:
    """Return a mapping with every key, commented out, each with its meaning."""
    lines = [f"# {column} = one of {', '.join(units)}" for column, units in UNITS.items()]
    statuses = ", ".join(allowed("status"))
    return _EXAMPLE.format(statuses=statuses, units="\n".join(lines))


def write_example_mapping(path: Path) -> Path:
    """Write :func:`example_mapping_text` into a new file.

    Raises
    ------
    GeoplanError
        If the file exists already or cannot be written.
    """
    return write_new(example_mapping_text(), path)
