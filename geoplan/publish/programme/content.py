"""What the programme's page carries: figures, places and tables, with words and units."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from geoplan.config import UTILITIES
from geoplan.publish.map import known
from geoplan.publish.map.tables import Field, coded_fields
from geoplan.publish.map.words import LANGUAGES, N_, catalogue
from geoplan.publish.programme.figures import (
    causes,
    gap_to_target,
    headline,
    lack_rows,
    room,
    year_rows,
)
from geoplan.publish.programme.outline import WIDTH, country
from geoplan.publish.programme.tables import ProgrammeTables
from geoplan.site.schema import ID_SEPARATOR

LAND = N_("Plots")
DOMAIN = "programme"
"""Name of the page's catalogues."""
SHARED = (*known.SECTORS, *known.STATUSES, *known.NAMES_MARKED, *known.UNITS_MARKED)
"""Words of the data that the map's catalogues translate."""
UNITS = (N_("ha"), N_("projects"), N_("bn KZT"), N_("points"))
STATES = (
    N_("unplaced"),
    N_("application"),
    N_("review"),
    N_("reservation"),
    N_("contract"),
    N_("construction"),
    N_("operation"),
)
SECTORS = (N_("chemistry"), N_("machinery"), N_("metalworking"), N_("pharma"))
REGIONS = (
    N_("Abai"),
    N_("Akmola"),
    N_("Aktobe"),
    N_("Almaty"),
    N_("Almaty region"),
    N_("Astana"),
    N_("Atyrau"),
    N_("East Kazakhstan"),
    N_("Jambyl"),
    N_("Jetisu"),
    N_("Karaganda"),
    N_("Kostanay"),
    N_("Kyzylorda"),
    N_("Mangystau"),
    N_("North Kazakhstan"),
    N_("Pavlodar"),
    N_("Shymkent"),
    N_("Turkistan"),
    N_("Ulytau"),
    N_("West Kazakhstan"),
)
"""Words of the data beyond the map's."""

PARK_FIELDS = (
    Field("name", N_("Park")),
    Field("park_id", N_("Code")),
    Field("region", N_("Region"), worded=True),
    Field("invest_bn_kzt", N_("Investment"), N_("bn KZT"), 3),
    Field("projects", N_("Projects")),
    Field("jobs", N_("Jobs")),
    Field("gross_ha", N_("Gross area"), N_("ha"), 1),
    Field("free_ha", N_("Free plots"), N_("ha"), 1),
    Field("land_taken", N_("Plots taken"), "%", 1),
    Field("power_taken", N_("Power taken"), "%", 1),
    Field("available_year", N_("Open from"), grouped=False),
)
PROJECT_FIELDS = (
    Field("name", N_("Project")),
    Field("project_id", N_("Code")),
    Field("sector", N_("Sector"), worded=True),
    Field("invest_bn_kzt", N_("Investment"), N_("bn KZT"), 3),
    Field("jobs", N_("Jobs")),
    Field("area_asked_ha", N_("Area asked for"), N_("ha"), 2),
    Field("start_year", N_("Start"), grouped=False),
    Field("status", N_("State"), worded=True),
    Field("park", N_("Park")),
    Field("where", N_("Region"), worded=True),
    Field("cause", N_("Lacks"), worded=True),
    Field("reason", N_("Why it has no plot")),
    Field("lacks_in", N_("Lacks in")),
)


def page_content(
    programme: ProgrammeTables, *, language: str, planned: Collection[str]
) -> dict[str, Any]:
    """Gather what the page shows.

    Parameters
    ----------
    programme : ProgrammeTables
    language : str
    planned : collection of str
        Parks whose plans lie beside the page, by ``park_id``.

    Returns
    -------
    dict
        For :func:`geoplan.publish.map.payload.packed`. Money is in bn KZT.
    """
    parks, years = programme.parks, year_rows(programme)
    drawn = country(parks)
    return {
        "name": programme.name,
        "notice": programme.notice,
        "language": language,
        "catalogues": page_words(),
        "rate": float(programme.kzt_per_usd),
        "build_years": int(programme.build_years),
        "headline": headline(programme),
        "proof": _proof(programme),
        "years": years,
        "target": gap_to_target(years),
        "room": _room(programme),
        "country": {"width": WIDTH, **drawn._asdict()},
        "parks": {"count": len(parks), "fields": coded_fields(_parks(programme), PARK_FIELDS)},
        "maps": [str(park_id) in planned for park_id in parks["park_id"]],
        "supplies": _supplies(programme),
        "sectors": _sectors(programme),
        "lacks": lack_rows(programme),
        "projects": {
            "count": len(programme.projects),
            "fields": coded_fields(_projects(programme), PROJECT_FIELDS),
        },
    }


def page_words() -> dict[str, list[Any]]:
    """Return all translations, as the page carries them.

    Returns
    -------
    dict
        By language, texts in one order; under English the texts to look them up by.
    """
    words: dict[str, dict[str, Any]] = {}
    for language in LANGUAGES[1:]:
        shared = catalogue(language)
        words[language] = {text: shared[text] for text in SHARED if text in shared}
        words[language] |= catalogue(language, DOMAIN)
    texts = sorted(set().union(*words.values()))
    told = {name: [said.get(text, "") for text in texts] for name, said in words.items()}
    return {LANGUAGES[0]: texts, **told}


def _proof(programme: ProgrammeTables) -> dict[str, Any] | None:
    """Return what is proven of the whole, if anything is."""
    told = programme.manifest
    if not all(isinstance(told.get(name), int | float) for name in ("value", "bound", "gap")):
        return None
    return {
        "value": float(told["value"]),
        "bound": float(told["bound"]),
        "gap": float(told["gap"]),
        "invested": told.get("objective") == "investment",
        "unit": str(told.get("unit", "")),
    }


def _room(programme: ProgrammeTables) -> dict[str, Any] | None:
    left = room(programme)
    if left is None:
        return None
    kind = left["kind"]
    return left | {"label": LAND if kind == "land_ha" else UTILITIES.get(kind, (kind,))[0]}


def _parks(programme: ProgrammeTables) -> pd.DataFrame:
    table = pd.DataFrame(programme.parks.drop(columns="geometry"))
    power = programme.capacities[programme.capacities["kind"] == "power_mw"]
    sums = power.groupby("park_id")[["used", "capacity"]].sum().reindex(table["park_id"])
    return table.assign(
        land_taken=_percent(table["plots_ha"] - table["free_ha"], table["plots_ha"]),
        power_taken=_percent(sums["used"], sums["capacity"]).to_numpy(),
    )


def _percent(part: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[Any]:
    return 100 * part.astype(float) / whole.astype(float).where(whole > 0)


def _supplies(programme: ProgrammeTables) -> list[dict[str, Any]]:
    """Arrange land and utilities by kind: capacity and use, park by park; None for none."""
    parks = programme.parks
    taken = (parks["plots_ha"] - parks["free_ha"]).tolist()
    rows: list[dict[str, Any]] = [
        {"kind": "land_ha", "label": LAND, "unit": N_("ha"),
         "capacity": parks["plots_ha"].tolist(), "used": taken}
    ]  # fmt: skip
    for kind, (label, unit) in UTILITIES.items():
        of_kind = programme.capacities[programme.capacities["kind"] == kind]
        if not len(of_kind):
            continue
        sums = of_kind.groupby("park_id")[["capacity", "used"]].sum().reindex(parks["park_id"])
        told = sums.astype(object).where(sums.notna(), None)
        columns = {name: told[name].tolist() for name in ("capacity", "used")}
        rows.append({"kind": kind, "label": label, "unit": unit, **columns})
    return rows


def _sectors(programme: ProgrammeTables) -> list[dict[str, Any]]:
    columns = ["sector", "projects", "placed", "asked_bn_kzt", "placed_bn_kzt", "jobs"]
    shorter = {"asked_bn_kzt": "asked_bn", "placed_bn_kzt": "placed_bn"}
    rows = programme.sectors[columns].rename(columns=shorter).to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]


def _projects(programme: ProgrammeTables) -> pd.DataFrame:
    table = programme.projects
    parks = programme.parks.set_index("park_id")["name"]
    placed = table["status"] == "placed"
    wanted = table["regions"].fillna("").str.replace(ID_SEPARATOR, f"{ID_SEPARATOR} ")
    where = table["region"].where(placed, wanted)
    return table.assign(
        park=table["park_id"].map(parks),
        where=where.where(where != ""),
        sector=table["sector"].where(table["sector"].fillna("") != ""),
        reason=table["reason"].where(table["reason"].fillna("") != ""),
        **causes(programme),
    )
