"""Given plots regrouped: neighbours merged and plots split, as the planner has accepted it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoplan.config import SubdivideSettings, merged_id, part_id
from geoplan.errors import Problems, nearest_name, shown
from geoplan.site.schema import ID_SEPARATOR, OCCUPATION_STATES, SERVICING_STATES
from geoplan.subdivide.coverage import holder
from geoplan.subdivide.fronted import cut_across
from geoplan.subdivide.neighbours import TOUCH_MIN_M, touching
from geoplan.units import M2_PER_HA

Geometries = NDArray[np.object_]
Integers = NDArray[np.intp]

MERGE, SPLIT = "[subdivide] merge_plots", "[subdivide] split_plots"
_UNKNOWN_OF_PARTS = {"area_declared_ha": np.nan, "price_mln_kzt": np.nan, "cadastral_number": None}
REST_SHARE = 2e-4
"""The last part takes up a difference of so much of its area: registers round their figures."""


@dataclass(frozen=True)
class _Given:
    """The cadastre, as requests are held against it."""

    plots: gpd.GeoDataFrame
    shapes: Geometries
    row: Mapping[str, int]
    zone: Integers  # -1 outside all zones
    locks: Mapping[str, Sequence[str]]

    def holders(self, plot_ids: Sequence[str]) -> list[str]:
        """Projects that keep any of these plots."""
        return sorted({name for plot_id in plot_ids for name in self.locks.get(plot_id, ())})


@dataclass(frozen=True)
class _Regrouped:
    """One request carried out: the rows it replaces, and what it puts there."""

    rows: list[int]
    ids: list[str]
    shapes: Geometries
    states: Mapping[str, Any]


def regrouped(
    plots: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    network_land: Any,
    settings: SubdivideSettings,
    *,
    locks: Mapping[str, Sequence[str]] | None = None,
) -> gpd.GeoDataFrame:
    """Merge and split given plots as ``merge_plots`` and ``split_plots`` say.

    Parameters
    ----------
    plots : GeoDataFrame
        Plots of the cadastre, with the columns of their contract.
    zones : GeoDataFrame
        ``zone_id`` and polygons.
    network_land : Polygon or MultiPolygon
        Right of way of the street network, which is the same before and after.
    settings : SubdivideSettings
        ``merge_plots, split_plots, frontage_min_m, precision_m``.
    locks : mapping of str to sequence of str, optional
        Plot id to the projects that keep it (:func:`geoplan.site.checks.locks_of`).

    Returns
    -------
    GeoDataFrame
        As `plots`, new plots in the places of the old ones: A and B become ``A+B``, parts of C
        are ``C/1``, ``C/2``... from one end of its front to the other. All other rows are as
        they were.

    Raises
    ------
    GeoplanError
        With every request that cannot be carried out: unknown, sold or locked plots, plots that
        do not touch, areas beyond the plot's, parts without a front, ids in two requests.
    """
    if not settings.merge_plots and not settings.split_plots:
        return plots
    problems = Problems()
    given = _given(plots, zones, locks or {})
    _check_once(settings, problems)
    done = [
        *(_merged(given, ids, settings, problems) for ids in settings.merge_plots),
        *(
            _split(given, plot_id, areas_ha, network_land, settings, problems)
            for plot_id, areas_ha in settings.split_plots.items()
        ),
    ]
    result = _replaced(plots, [each for each in done if each is not None])
    if not problems.found:
        _check_ids(result, given, problems)
    problems.raise_any()
    return result


def relocked(projects: pd.DataFrame, settings: SubdivideSettings) -> pd.DataFrame:
    """Let locks to merged plots name what the plots have become.

    Parameters
    ----------
    projects : DataFrame
        The portfolio; a project's ``plot_id`` may name plots that are merged, or the merged one.
    settings : SubdivideSettings

    Returns
    -------
    DataFrame
    """
    new = {plot_id: merged_id(ids) for ids in settings.merge_plots for plot_id in ids}

    def told(text: str) -> str:
        ids = text.split(ID_SEPARATOR)
        return ID_SEPARATOR.join(dict.fromkeys(new.get(plot_id, plot_id) for plot_id in ids))

    locks = projects["plot_id"]
    return projects.assign(plot_id=locks.map(told, na_action="ignore").astype(locks.dtype))


def joined(shapes: Geometries, *, precision_m: float) -> Any:
    """Union of polygons that touch: one polygon, or None where they are not in one piece.

    Cracks thinner than the grid are closed.
    """
    whole = shapely.union_all(shapes)
    if whole.geom_type != "Polygon":
        whole = shapely.union_all(shapes, grid_size=precision_m)
    return whole if whole.geom_type == "Polygon" else None


def _given(
    plots: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, locks: Mapping[str, Sequence[str]]
) -> _Given:
    shapes = np.asarray(plots.geometry.array, dtype=object)
    inside = shapely.point_on_surface(shapes)
    zone = holder(inside, np.asarray(zones.geometry.array, dtype=object))
    row = {str(plot_id): number for number, plot_id in enumerate(plots["plot_id"])}
    return _Given(plots, shapes, row, zone, locks)


def _check_once(settings: SubdivideSettings, problems: Problems) -> None:
    named = Counter([i for ids in settings.merge_plots for i in ids] + [*settings.split_plots])
    repeated = sorted(plot_id for plot_id, count in named.items() if count > 1)
    if repeated:
        problems.add(
            "[subdivide] merge_plots, split_plots",
            "plots are named more than once.",
            "Name each in one place: what is merged is not split in the same run.",
            repeated,
        )


def _known(
    given: _Given, where: str, plot_ids: Sequence[str], problems: Problems
) -> list[int] | None:
    """Rows of plots; None, and a problem, where any is unknown or in no zone."""
    unknown = sorted({plot_id for plot_id in plot_ids if plot_id not in given.row})
    for plot_id in unknown:
        cause = f"there is no plot '{plot_id}' in the cadastre."
        problems.add(where, cause, nearest_name(plot_id, given.row), [plot_id])
    if unknown:
        return None
    rows = [given.row[plot_id] for plot_id in plot_ids]
    outside = [plot_id for plot_id, row in zip(plot_ids, rows, strict=True) if given.zone[row] < 0]
    if outside:
        problems.add(where, "the plot lies in no zone.", "Remove the request.", outside)
        return None
    return rows


def _merged(
    given: _Given, plot_ids: Sequence[str], settings: SubdivideSettings, problems: Problems
) -> _Regrouped | None:
    """Merge one group, or note all that forbids it."""
    ids = sorted(set(plot_ids))
    if len(ids) < 2:
        problems.add(MERGE, "a group needs two plots or more.", "Name its neighbours too.", ids)
        return None
    rows = _known(given, MERGE, ids, problems)
    if rows is None:
        return None
    before = len(problems.found)
    _check_mergeable(given, ids, rows, problems)
    shapes = given.shapes[rows]
    whole = joined(shapes, precision_m=settings.precision_m)
    if not _linked(shapes):
        cause = f"these plots do not all touch along {TOUCH_MIN_M:g} m."
        problems.add(MERGE, cause, "Add what lies between them, or remove the request.", ids)
    elif whole is None:
        remedy = f"Let their outlines in the cadastre meet to {settings.precision_m:g} m."
        problems.add(MERGE, "a crack parts these plots.", remedy, ids)
    if len(problems.found) > before:
        return None
    states = _merged_states(given.plots.iloc[rows]) | {
        "project_id": next(iter(given.holders([*ids, merged_id(ids)])), None)
    }
    return _Regrouped(rows, [merged_id(ids)], np.array([whole], dtype=object), states)


def _check_mergeable(given: _Given, ids: list[str], rows: list[int], problems: Problems) -> None:
    market = given.plots["market"].iloc[rows].to_numpy(dtype=str)
    holders = given.holders([*ids, merged_id(ids)])
    locked = [plot_id for plot_id in ids if given.locks.get(plot_id)]
    held = len(holders) == 1 and len(locked) in (0, len(ids))
    if holders and not held:
        cause = f"they are not all free, nor all kept by one project ({shown(holders)})."
        remedy = "Free them, or lock all of them to the same project."
        problems.add(MERGE, cause, remedy, locked or ids)
    sold = [plot_id for plot_id, state in zip(ids, market, strict=True) if state == "sold"]
    if sold and not holders:
        remedy = "Remove the request, or name the project that has bought them all."
        problems.add(MERGE, "the plot is sold.", remedy, sold)
    elif len(set(market)) > 1 and not holders:
        cause = f"the plots' market states differ: {shown(sorted(set(market)))}."
        problems.add(MERGE, cause, "State them alike in the plots' layer first.", ids)
    if len(set(given.zone[rows])) > 1:
        remedy = "Merge plots of one zone only."
        problems.add(MERGE, "the plots lie in different zones.", remedy, ids)


def _linked(shapes: Geometries) -> bool:
    left, right = touching(shapes)
    pairs = coo_array((np.ones(len(left)), (left, right)), shape=(len(shapes),) * 2)
    return bool(connected_components(pairs, directed=False)[0] == 1)


def _merged_states(plots: pd.DataFrame) -> dict[str, Any]:
    """States of the whole: serviced and vacant as far as all of its plots are."""
    occupation = max(plots["occupation"], key=OCCUPATION_STATES.index)
    servicing = None
    if plots["servicing"].notna().all():
        servicing = min(plots["servicing"], key=SERVICING_STATES.index)
    return {
        "occupation": occupation,
        "servicing": servicing,
        "area_declared_ha": plots["area_declared_ha"].sum(skipna=False),
        "price_mln_kzt": plots["price_mln_kzt"].sum(skipna=False),
        "cadastral_number": None,  # the cadastre has yet to give one
    }


def _split(
    given: _Given,
    plot_id: str,
    areas_ha: Sequence[float],
    network_land: Any,
    settings: SubdivideSettings,
    problems: Problems,
) -> _Regrouped | None:
    """Split one plot, or note what forbids it."""
    rows = _known(given, SPLIT, [plot_id], problems)
    if rows is None:
        return None
    before = len(problems.found)
    if holders := given.holders([plot_id]):
        cause = f"it is kept by project {shown(holders)}."
        problems.add(SPLIT, cause, "Free the plot, or remove the request.", [plot_id])
    elif given.plots["market"].iloc[rows[0]] == "sold":
        problems.add(SPLIT, "the plot is sold.", "Remove the request.", [plot_id])
    plot = given.shapes[rows[0]]
    area_m2 = _areas_m2(plot, plot_id, areas_ha, problems)
    if area_m2 is None or len(problems.found) > before:
        return None
    parts = cut_across(plot, area_m2, network_land, frontage_min_m=settings.frontage_min_m)
    if parts is None or parts.front_m.min() < settings.frontage_min_m:
        problems.add(SPLIT, *_unfronted(parts, area_m2, settings), [plot_id])
        return None
    ids = [part_id(plot_id, number) for number in range(1, len(area_m2) + 1)]
    return _Regrouped(rows, ids, parts.shapes, _UNKNOWN_OF_PARTS)


def _areas_m2(
    plot: Any, plot_id: str, areas_ha: Sequence[float], problems: Problems
) -> NDArray[np.float64] | None:
    """Areas of all parts, the rest with them; None, and a problem, where they are too much."""
    total_m2 = float(shapely.area(plot))
    area_m2 = np.array(areas_ha, dtype=float) * M2_PER_HA
    rest_m2 = total_m2 - area_m2.sum()
    if len(area_m2) and abs(rest_m2) <= REST_SHARE * area_m2[-1]:
        area_m2[-1] += rest_m2
        rest_m2 = 0.0
    if rest_m2 < 0:
        cause = f"{sum(areas_ha):.4f} ha are asked for, and the plot has {total_m2 / M2_PER_HA:.4f}"
        problems.add(SPLIT, f"{cause} ha.", "Ask for less, or for fewer parts.", [plot_id])
        return None
    parts = np.append(area_m2, rest_m2) if rest_m2 > 0 else area_m2
    if len(parts) < 2:
        remedy = "Name areas that leave a rest, or remove the request."
        problems.add(SPLIT, "these areas leave the plot whole.", remedy, [plot_id])
        return None
    return parts


def _unfronted(
    parts: Any, area_m2: NDArray[np.float64], settings: SubdivideSettings
) -> tuple[str, str]:
    """Say which part has too little of the street, and what to do."""
    remedy = "Ask for fewer or larger parts, merge it with a neighbour on the street, or draw one."
    if parts is None:
        return "it has no street to be divided along, or not in parts of one piece.", remedy
    worst = int(parts.front_m.argmin())
    return (
        f"part {worst + 1} ({area_m2[worst] / M2_PER_HA:.4f} ha) would have"
        f" {parts.front_m[worst]:.1f} m of street, and a plot needs {settings.frontage_min_m:g} m.",
        remedy,
    )


def _replaced(plots: gpd.GeoDataFrame, done: Sequence[_Regrouped]) -> gpd.GeoDataFrame:
    """Put new plots in the place of the first one that each replaces."""
    gone = [row for each in done for row in each.rows]
    stay = np.setdiff1d(np.arange(len(plots)), gone)
    frames = [plots.iloc[stay]]
    place = [stay]
    for each in done:
        first = np.full(len(each.ids), min(each.rows))
        new = plots.iloc[first].assign(plot_id=each.ids, **each.states)
        frames.append(new.set_geometry(list(each.shapes), crs=plots.crs))
        place.append(first)
    together = pd.concat([frame.astype(plots.dtypes.to_dict()) for frame in frames])
    order = np.argsort(np.concatenate(place), kind="stable")
    return gpd.GeoDataFrame(together.iloc[order].reset_index(drop=True), crs=plots.crs)


def _check_ids(result: gpd.GeoDataFrame, given: _Given, problems: Problems) -> None:
    """Note new ids that exist already, and locks to plots that came of nothing."""
    ids = result["plot_id"].astype(str)
    if ids.duplicated().any():
        cause = "new plots would have ids that others have already."
        remedy = "Rename those plots in the cadastre, or remove the request."
        problems.add("[subdivide] merge_plots, split_plots", cause, remedy, ids[ids.duplicated()])
    known = {*ids, *given.row}
    lost = sorted(set(given.locks) - known)
    for plot_id in lost:
        cause = f"there is no plot '{plot_id}' to be locked to."
        problems.add("projects", cause, nearest_name(plot_id, known), given.locks[plot_id])
