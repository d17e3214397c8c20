"""Infrastructure over the years: what is there when, and what waits for it.

An infrastructure project is there from its own year, or from the latest year of what it depends
on. What it serves is available from the latest year of all that serve it, and of its own; what it
adds to a utility is there from its year on. Zones, utilities and roads are told these years once,
when the site is read: whatever asks for an ``available_year`` later is told the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from geoplan.errors import nearest_name, shown
from geoplan.site.findings import Remarks
from geoplan.site.given import Site
from geoplan.site.schema import ID_SEPARATOR

SERVED = {"zones": "zone_id", "utilities": "utility_id", "roads": "road_id"}
"""Layers that infrastructure may serve, with their ids."""
TIMED_COLUMNS = ("served_by", "waits_for")
"""What layers are told besides ``available_year``: who serves a record, and whose year it is."""
ADDED = "capacity_added"
"""Column of utilities: what is added to them, as ``year:amount:by`` joined by ``;``. Their
``capacity`` is what they have in the end, with all of it."""


def checked_infrastructure(
    table: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame | None], remarks: Remarks
) -> pd.DataFrame:
    """Note what cannot be understood of an infrastructure table, and tell effective years.

    Parameters
    ----------
    table : GeoDataFrame
        As read.
    layers : mapping of str to GeoDataFrame or None
        What it may serve; None for a layer that could not be read.
    remarks : Remarks

    Returns
    -------
    DataFrame
        The table without geometry, and ``effective_year``, where it could be told.
    """
    plain = pd.DataFrame(table.drop(columns=table.geometry.name)).reset_index(drop=True)
    _check_served(plain, layers, remarks)
    _check_capacities(plain, layers, remarks)
    if not _check_dependencies(plain, remarks):
        return plain
    timed = plain.assign(effective_year=effective_years(plain))
    _note_delays(timed, remarks)
    return timed


def ids_in(text: Any) -> list[str]:
    """Split ids that are joined in a cell; a null holds none."""
    return [] if pd.isna(text) else [name for name in str(text).split(ID_SEPARATOR) if name]


def _note_unknown(
    column: str, names: pd.Series[Any], known: set[str], owners: pd.Series[Any], remarks: Remarks
) -> None:
    unknown: dict[str, list[str]] = {}
    for owner, listed in zip(owners, names, strict=True):
        for name in ids_in(listed):
            if name not in known:
                unknown.setdefault(name, []).append(str(owner))
    if unknown:
        told = shown(f"'{name}'" for name in sorted(unknown))
        who = sorted({owner for owners in unknown.values() for owner in owners})
        hints = " ".join(dict.fromkeys(nearest_name(name, known) for name in sorted(unknown)))
        remedy = f"{hints} Several ids are joined by '{ID_SEPARATOR}'."
        remarks.problem(f"{column} names what is not there: {told}.", remedy, who)


def _check_served(
    table: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame | None], remarks: Remarks
) -> None:
    known: set[str] = set()
    for name, key in SERVED.items():
        layer = layers[name]
        if layer is None:
            return  # its problems are told already, and nothing could be found in it
        known.update(str(served) for served in layer[key].dropna())
    _note_unknown("serves", table["serves"], known, table["infrastructure_id"], remarks)


def _check_capacities(
    table: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame | None], remarks: Remarks
) -> None:
    utilities = layers["utilities"]
    if utilities is not None:
        known = {str(name) for name in utilities["utility_id"].dropna()}
        owners = table["infrastructure_id"]
        _note_unknown("utility_id", table["utility_id"], known, owners, remarks)
    half = table["capacity"].notna() != table["utility_id"].notna()
    if half.any():
        remarks.problem(
            "capacity and utility_id go together: so much is added to that utility.",
            "Fill in both, or neither.",
            table.loc[half, "infrastructure_id"],
        )


def _check_dependencies(table: pd.DataFrame, remarks: Remarks) -> bool:
    """Note unknown names and cycles; tell whether years can be told."""
    ids = table["infrastructure_id"]
    if ids.isna().any() or ids.duplicated().any() or table["year"].isna().any():
        return False  # noted already
    known = {str(name) for name in ids}
    _note_unknown("depends_on", table["depends_on"], known, ids, remarks)
    graph = _graph(table)
    rings = sorted(sorted(part) for part in nx.strongly_connected_components(graph))
    rings = [part for part in rings if len(part) > 1 or graph.has_edge(part[0], part[0])]
    for part in rings:
        edges = nx.find_cycle(graph.subgraph(part), source=part[0])
        names = [edge[0] for edge in edges]
        told = " -> ".join([*names, names[0]])
        cause = f"each waits for the next, so that none can be built: {told}."
        remarks.problem(cause, "Take one of these out of depends_on.", names)
    return not rings


def _graph(table: pd.DataFrame) -> nx.DiGraph[str]:
    """Draw who depends on whom: an edge leads from each to what it waits for."""
    known = [str(name) for name in table["infrastructure_id"]]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(known)
    for name, listed in zip(known, table["depends_on"], strict=True):
        graph.add_edges_from((name, other) for other in ids_in(listed) if other in graph)
    return graph


def effective_years(table: pd.DataFrame) -> pd.Series[Any]:
    """Tell from when each is there: its own year, or the latest of what it depends on.

    >>> built = {"infrastructure_id": ["A", "B"], "year": [2028, 2026], "depends_on": [None, "A"]}
    >>> effective_years(pd.DataFrame(built)).tolist()
    [2028, 2028]
    """
    graph = _graph(table)
    year = {str(n): int(y) for n, y in zip(table["infrastructure_id"], table["year"], strict=True)}
    for name in reversed(list(nx.lexicographical_topological_sort(graph))):
        year[name] = max([year[name], *(year[other] for other in graph.successors(name))])
    told = [year[str(name)] for name in table["infrastructure_id"]]
    return pd.Series(told, index=table.index, dtype="Int64")


def dependants(table: pd.DataFrame, name: str) -> list[str]:
    """List all that wait for one, directly or not, in the table's order."""
    above = nx.ancestors(_graph(table), name)
    return [str(other) for other in table["infrastructure_id"] if str(other) in above]


def _note_delays(table: pd.DataFrame, remarks: Remarks) -> None:
    late = table[table["year"] < table["effective_year"]]
    year = dict(zip(table["infrastructure_id"], table["effective_year"], strict=True))
    for row in late.to_dict("records"):
        last = [n for n in ids_in(row["depends_on"]) if year[n] == row["effective_year"]]
        remarks.warning(
            "infrastructure year",
            f"It is planned for {row['year']}, but depends on {shown(last)} of"
            f" {row['effective_year']}: it counts from {row['effective_year']}.",
            "Correct its year, or bring forward what it depends on.",
            subject=str(row["infrastructure_id"]),
        )


def in_time(site: Site) -> Site:
    """Tell zones, utilities and roads from when they are there, and with what capacity.

    Parameters
    ----------
    site : Site
        With its infrastructure; without any it stays as it is.

    Returns
    -------
    Site
        Zones, utilities and roads have :data:`TIMED_COLUMNS` and an ``available_year`` that is the
        latest of their own and of those that serve them; utilities also :data:`ADDED`.
    """
    built = site.infrastructure
    if built is None:
        return site
    layers: dict[str, gpd.GeoDataFrame] = {
        name: _timed(getattr(built, name), key, built.table) for name, key in SERVED.items()
    }
    layers["utilities"] = _enlarged(layers["utilities"], built.table)
    return replace(site, **layers)


def _timed(layer: gpd.GeoDataFrame, key: str, table: pd.DataFrame) -> gpd.GeoDataFrame:
    serving: dict[str, list[tuple[int, str]]] = {}
    for name, listed, year in zip(
        table["infrastructure_id"], table["serves"], table["effective_year"], strict=True
    ):
        for served in ids_in(listed):
            serving.setdefault(served, []).append((int(year), str(name)))
    own = layer["available_year"].astype("Int64")
    by, waits, years = [], [], []
    for record, year in zip(layer[key].astype(str), own, strict=True):
        found = sorted(serving.get(record, []))
        last = max((y for y, _ in found), default=None)
        first = None if pd.isna(year) else int(year)
        years.append(max((y for y in (last, first) if y is not None), default=None))
        by.append(ID_SEPARATOR.join(name for _, name in found) or None)
        binding = last is not None and (first is None or last >= first)
        waits.append(told_of([each for each in found if each[0] == last]) if binding else None)
    return layer.assign(
        available_year=pd.Series(years, index=layer.index, dtype="Int64"),
        served_by=pd.Series(by, index=layer.index, dtype="str"),
        waits_for=pd.Series(waits, index=layer.index, dtype="str"),
    )


def told_of(built: list[tuple[int, str]]) -> str:
    """Name infrastructure with its years.

    >>> told_of([(2028, "INF-3")])
    'INF-3 (2028)'
    """
    return ", ".join(f"{name} ({year})" for year, name in built)


def _enlarged(utilities: gpd.GeoDataFrame, table: pd.DataFrame) -> gpd.GeoDataFrame:
    adding = table[table["capacity"].notna()].sort_values("effective_year", kind="stable")
    total = adding.groupby("utility_id")["capacity"].sum()
    steps: dict[str, list[str]] = {}
    for row in adding.to_dict("records"):
        step = f"{row['effective_year']}:{float(row['capacity'])!r}:{row['infrastructure_id']}"
        steps.setdefault(str(row["utility_id"]), []).append(step)
    ids = utilities["utility_id"].astype(str)
    joined = {name: ID_SEPARATOR.join(each) for name, each in steps.items()}
    return utilities.assign(
        capacity=utilities["capacity"] + ids.map(total).fillna(0.0).astype("float64"),
        **{ADDED: ids.map(joined).astype("str")},
    )


class Step(NamedTuple):
    """What is added to a utility: from which year on, how much, and by what."""

    year: int
    amount: float
    name: str


def steps_of(text: Any) -> list[Step]:
    """Read what is added to a utility, the first first.

    >>> steps_of("2027:5.0:INF-1;2028:20.5:INF-2")[1]
    Step(year=2028, amount=20.5, name='INF-2')
    """
    parts = [part.split(":", maxsplit=2) for part in ids_in(text)]
    return [Step(int(year), float(amount), name) for year, amount, name in parts]


def capacity_in(capacity: float, steps: list[Step], year: float) -> float:
    """Capacity of a utility in a year, given what it has in the end.

    >>> growth = [Step(2028, 20.0, "INF-2")]
    >>> capacity_in(30.0, growth, 2027), capacity_in(30.0, growth, 2028)
    (10.0, 30.0)
    """
    return capacity - float(np.sum([step.amount for step in steps if step.year > year]))


def before_step(utility_id: str, year: int) -> str:
    """Name the capacity of a utility in the last year before it grows.

    >>> before_step("PW-W", 2028)
    'PW-W in 2027'
    """
    return f"{utility_id} in {year - 1}"


def limits_of(utilities: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    """List capacities of utilities with their kinds: in the end, and in years before they grow."""
    for row in utilities.to_dict("records"):
        name, kind, limit = str(row["utility_id"]), str(row["kind"]), float(row["capacity"])
        yield name, kind, limit
        steps = steps_of(row.get(ADDED))
        for year in sorted({step.year for step in steps}):
            yield before_step(name, year), kind, capacity_in(limit, steps, year - 1)


def brought_forward(site: Site, name: str) -> tuple[Site, list[str]]:
    """Build one infrastructure project a year earlier, and all that wait for it as well.

    Parameters
    ----------
    site : Site
    name : str
        An ``infrastructure_id``.

    Returns
    -------
    Site
        As :func:`in_time` leaves it.
    list of str
        Which of them are there earlier by that; none, where something else holds them back.
    """
    built = site.infrastructure
    if built is None:
        return site, []
    table, ids = built.table, built.table["infrastructure_id"].astype(str)
    moved = ids.isin([name, *dependants(table, name)])
    sooner = np.minimum(table["year"], table["effective_year"] - 1)
    shifted = table.assign(year=table["year"].where(~moved, sooner))
    shifted = shifted.assign(effective_year=effective_years(shifted))
    earlier = (shifted["effective_year"] < table["effective_year"]).to_numpy(dtype=bool)
    sooner_site = in_time(replace(site, infrastructure=replace(built, table=shifted)))
    return sooner_site, ids[earlier].tolist()
