"""The search for proposals: project by project, the least change first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings, merged_id, part_id
from geoplan.proposals.areas import ASKED, DIGITS, shared_out
from geoplan.proposals.standing import Draft, Planned, barred, drawn, loads_of, shortages
from geoplan.subdivide.fronted import cut_across, depth_m
from geoplan.subdivide.neighbours import connected_sets, touching
from geoplan.subdivide.regroup import joined
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

TRIES = 32
"""Sets of plots, and plots to split, that are tried for each project, the best-fitting first."""
TIGHT_HA = 1e-9


@dataclass
class _Search:
    """What was found so far, and what is looked at."""

    planned: Planned
    asked: Floats  # (projects, 4): what each asks of its area
    suits: Booleans  # (projects, units): a free plot is right but for its area
    used: dict[str, float]  # drawn from each utility by those placed
    sets: Sequence[Integers] = ()
    drafts: list[Draft] = field(default_factory=list)
    may_lack: bool = False  # whether utilities may be short, if that is said

    def fit_for(self, project: int) -> Booleans:
        """Tell which free plots a project could stand on, proposals so far counted."""
        return np.asarray(self.suits[project] & ~barred(self.planned, self.drafts, project))

    def unchanged(self) -> Booleans:
        """Tell which plots are in no proposal."""
        changed = [unit for draft in self.drafts for unit in draft.units]
        return ~np.isin(np.arange(len(self.planned.units)), changed)


def found(planned: Planned) -> list[Draft]:
    """Search merges and splits for the projects without land, in the order of their finding.

    What would overload a utility is looked for last, so that it takes nobody's plot away.
    """
    asked = planned.posed.asked.projects[list(ASKED)].to_numpy(dtype=float)
    used = drawn(planned.posed, planned.assignment.unit)
    search = _Search(planned, asked, _suits(planned), used)
    waiting = _waiting(planned)
    search.sets = list(_sets(search, waiting))
    for project in waiting:
        fit = search.fit_for(project)
        new = fit & search.unchanged()
        _ = (
            _merge(search, project, new)
            or _join(search, project, fit)
            or _split(search, project, new)
        )
    search.may_lack = True
    helped = {project for draft in search.drafts for project in draft.projects}
    for project in waiting:
        if project not in helped and not _landed(search, project):
            new = search.fit_for(project) & search.unchanged()
            _ = _merge(search, project, new) or _split(search, project, new)
    return search.drafts


def _suits(planned: Planned) -> Booleans:
    """Tell which free plots are right for which projects, but for their area."""
    units = planned.units
    held = np.isin(np.arange(len(units)), planned.assignment.unit)
    # Settings name plots of the cadastre, so what came of them cannot be regrouped again.
    made = units["unit_id"].isin(_made(planned.scenario.subdivide))
    idle = units["kept_by"].isna() & units["on_market"].astype(bool) & ~made
    free = idle.to_numpy(dtype=bool) & ~held
    others = [rule.forbidden for rule in planned.posed.rules if rule.name != "area"]
    return np.asarray(~np.logical_or.reduce(others) & free)


def _made(settings: SubdivideSettings) -> set[str]:
    """Ids of plots that earlier proposals have made."""
    parts = {
        part_id(plot_id, number)
        for plot_id, areas in settings.split_plots.items()
        for number in range(1, len(areas) + 2)
    }
    return parts | {merged_id(ids) for ids in settings.merge_plots}


def _waiting(planned: Planned) -> list[int]:
    """Projects without land, who invests most first."""
    projects = planned.posed.asked.projects
    table = projects[["invest_bn_kzt", "priority", "project_id"]]
    order = table.sort_values(
        ["invest_bn_kzt", "priority", "project_id"], ascending=[False, False, True], kind="stable"
    )
    rows = projects.index.get_indexer(order.index)
    return [int(row) for row in rows if planned.assignment.unit[row] < 0]


def _landed(search: _Search, project: int) -> bool:
    """Tell whether a free plot fits a project as it is: then land is not what it lacks."""
    problem = search.planned.posed.problem
    units = problem.pair_unit[problem.pair_project == project]
    return bool(search.suits[project, units].any())


def _sets(search: _Search, waiting: Sequence[int]) -> Iterator[Integers]:
    """Go through connected sets of free plots of one zone that someone could stand on.

    Plots are taken in the order of their ids, so that ties do not hang on the file's order.
    """
    planned, most = search.planned, search.planned.scenario.subdivide.merge_plots_max
    wanted = np.flatnonzero(search.suits[list(waiting)].any(axis=0))
    if most < 2 or not len(wanted):
        return
    ids = planned.units["unit_id"].to_numpy(dtype=str)[wanted]
    rows = wanted[np.argsort(ids, kind="stable")]
    table = planned.units.iloc[rows]
    left, right = touching(np.asarray(table.geometry.array, dtype=object))
    zone = table["zone_id"].to_numpy(dtype=str)
    same = zone[left] == zone[right]
    area_max_ha = planned.posed.asked.projects["area_max_ha"].iloc[list(waiting)].max()
    area_ha = table["area_ha"].to_numpy(dtype=float)
    for sets in connected_sets(
        left[same], right[same], area_ha, most=most, area_max_ha=float(area_max_ha) + TIGHT_HA
    ):
        yield rows[sets]


def _merge(search: _Search, project: int, fit: Booleans) -> bool:
    """Find the smallest set of plots for a project; nearest to its wish among equals."""
    planned = search.planned
    wanted_ha, least_ha, most_ha, _ = search.asked[project]
    area_ha = planned.units["area_ha"].to_numpy(dtype=float)
    shapes = np.asarray(planned.units.geometry.array, dtype=object)
    for sets in search.sets:
        total = area_ha[sets].sum(axis=1)
        fits = (total >= least_ha - TIGHT_HA) & (total <= most_ha + TIGHT_HA)
        fits &= fit[sets].all(axis=1)
        missed = np.abs(total[fits] - wanted_ha).round(DIGITS)
        for units in sets[fits][np.argsort(missed, kind="stable")[:TRIES]]:
            whole = joined(shapes[units], precision_m=planned.scenario.subdivide.precision_m)
            if whole is None:
                continue
            new = planned.as_units([merged_id(planned.units["unit_id"].iloc[units])], [whole])
            if _settled(search, Draft("merge", tuple(units.tolist()), (project,), (), new)):
                return True
    return False


def _join(search: _Search, project: int, fit: Booleans) -> bool:
    """Cut a project's plot from one that is to be split already."""
    for draft in search.drafts:
        if draft.kind != "split" or not fit[draft.units[0]]:
            continue
        more = _cut(search, draft.units[0], (*draft.projects, project))
        if more is not None and _settled(search, more, instead_of=draft):
            return True
    return False


def _split(search: _Search, project: int, fit: Booleans) -> bool:
    """Cut a project's plot from the smallest free one that is too large for it."""
    units = search.planned.units
    area_ha = units["area_ha"].to_numpy(dtype=float)
    most_ha = search.asked[project, 2]
    large = np.flatnonzero(fit & (area_ha > most_ha))
    ids = units["unit_id"].to_numpy(dtype=str)[large]
    for unit in large[np.lexsort((ids, area_ha[large].round(DIGITS)))][:TRIES]:
        draft = _cut(search, int(unit), (project,))
        if draft is not None and _settled(search, draft):
            return True
    return False


def _cut(search: _Search, unit: int, projects: tuple[int, ...]) -> Draft | None:
    """Split a plot for projects, if it can be cut so that every part has its front."""
    planned, settings = search.planned, search.planned.scenario.subdivide
    plot = planned.units.geometry.iloc[unit]
    shares = shared_out(
        search.asked[list(projects)],
        float(planned.units["area_ha"].iloc[unit]),
        depth_m(plot, planned.street_land),
        settings,
    )
    if shares is None:
        return None
    areas_ha, rest_ha = shares
    parts_ha = np.append(areas_ha, rest_ha) if rest_ha > 0 else areas_ha
    least_m = settings.frontage_min_m
    parts = cut_across(plot, parts_ha * M2_PER_HA, planned.street_land, frontage_min_m=least_m)
    if parts is None or parts.front_m.min() < least_m:
        return None
    plot_id = str(planned.units["unit_id"].iloc[unit])
    ids = [part_id(plot_id, number) for number in range(1, len(parts_ha) + 1)]
    table = planned.as_units(ids, list(parts.shapes))
    if len(table) < len(ids):  # a part lies outside all zones
        return None
    return Draft("split", (unit,), projects, tuple(parts_ha[:-1].tolist()), table)


def _settled(search: _Search, draft: Draft, *, instead_of: Draft | None = None) -> bool:
    """Take a draft among the proposals, in place of another, if its projects may stand there."""
    others = [each for each in search.drafts if each is not instead_of]
    loads = loads_of(search.planned, draft)
    if loads is None:
        return False
    used = dict(search.used)
    for other in others:
        for name, load in other.loads.items():
            used[name] = used.get(name, 0.0) + load
    draft = replace(draft, loads=loads)
    remark = shortages(search.planned, draft, used)
    if remark and not search.may_lack:
        return False
    draft = replace(draft, remark=remark)
    if instead_of is None:
        search.drafts.append(draft)
    else:
        search.drafts = [draft if each is instead_of else each for each in search.drafts]
    return True
