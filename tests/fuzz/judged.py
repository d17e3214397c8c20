"""What a mutated input ended in, and whether that is an answer."""

from __future__ import annotations

import math
import traceback
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

import geoplan
from geoplan.config import load_scenario
from geoplan.errors import GeoplanError
from geoplan.site import CONTRACTS, Site

from .cases import Case, Cell, Setting
from .parks import CHANGED, SCENARIO

TOLD_LINES = 14
LAND_SHARE_MAX = 1e-9
INPUTS_OWN = frozenset({"lock", "no plots"})
"""Rules of the audit that inputs alone can break: a plot that somebody keeps may lie elsewhere,
and streets as wide as the park leave none of it."""

_YES, _NO = ("true", "1", "yes", "да", "иә"), ("false", "0", "no", "нет", "жоқ")


@dataclass(frozen=True)
class Ending:
    """How a case ended.

    Attributes
    ----------
    result : str
        "plan", "read" (read, and not planned), "refused", or else a fault: "traceback",
        "warned", "silent", "unsound", "unclear", "hang", "crash".
    told : str
        What was said, for the log.
    """

    result: str
    told: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether this is no answer that a planner could use."""
        return self.result not in {"plan", "read", "refused"}


def broken(error: BaseException) -> Ending:
    """Say what else was raised."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return Ending("traceback", "\n".join(lines[-TOLD_LINES:]))


def ended(
    case: Case, folder: Path, known: Callable[[str], frozenset[str]], *, whole: bool
) -> Ending:
    """Read a case, plan it if asked to, and judge what came of it.

    Parameters
    ----------
    case : Case
    folder : Path
        Where it is.
    known : callable
        Tells what reading the sound base finds, by its name.
    whole : bool
        Whether to plan what could be read.
    """
    with warnings.catch_warnings(record=True) as escaped:
        warnings.simplefilter("always")
        try:
            ending = _read(case, folder, known, whole=whole)
        except GeoplanError as error:
            ending = _refused(error)
    if escaped and not ending.is_fault:
        told = "; ".join(f"{w.filename}:{w.lineno} {w.message}" for w in escaped[:3])
        return Ending("warned", told)
    return ending


def _refused(error: GeoplanError) -> Ending:
    unclear = [p for p in error.problems if not (p.where.strip() and p.cause and p.remedy)]
    if unclear or not error.problems:
        return Ending("unclear", repr(error.problems))
    return Ending("refused", str(error)[:600])


def _read(
    case: Case, folder: Path, known: Callable[[str], frozenset[str]], *, whole: bool
) -> Ending:
    if case.way == "load":
        loaded = geoplan.load(folder / "plan")
        return Ending("plan", f"{len(loaded.audited())} findings") if whole else Ending("read")
    if case.way == "amend":
        amended = geoplan.amend(
            folder / "plan", changes=folder / CHANGED, scenario=folder / SCENARIO
        )
        return sound(amended, [])
    site = geoplan.check(folder / SCENARIO)
    silent = _silent(case, site, folder, known)
    if silent:
        return Ending("silent", silent)
    if not whole:
        return Ending("read")
    return sound(geoplan.run(folder / SCENARIO), [] if site.projects is None else site.projects)


def sound(plan: geoplan.Plan, projects: Any) -> Ending:
    """Hold a plan against what must hold of every plan."""
    faults = []
    land, zones = plan.land.geometry.to_numpy(), plan.zones.geometry.to_numpy()
    areas = float(shapely.area(land).sum()), float(shapely.area(zones).sum())
    if not math.isclose(*areas, rel_tol=LAND_SHARE_MAX):
        faults.append(f"land measures {areas[0]}, zones {areas[1]}")
    if not shapely.coverage_is_valid(land):
        faults.append("land is no valid coverage")
    table = plan.allocation
    if len(projects) and sorted(table["project_id"]) != sorted(projects["project_id"]):
        faults.append("allocation has other projects than the portfolio")
    placed = table["status"] == "placed"
    without = table["reason"].fillna("") == ""
    if (placed & ~without).any() or (~placed & without).any():
        faults.append("a reason is missing, or given for a placed project")
    errors = plan.findings[plan.findings["severity"] == "error"]
    faults += [f"{f.rule}: {f.message}" for f in errors.itertuples() if f.rule not in INPUTS_OWN]
    if faults:
        return Ending("unsound", "; ".join(faults)[:900])
    return Ending("plan", f"{int(placed.sum())} of {len(table)} placed")


def _silent(case: Case, site: Site, folder: Path, known: Callable[[str], frozenset[str]]) -> str:
    """Say which odd value neither shows in what was read nor is told by a finding."""
    if isinstance(case.changed, Setting):
        return _unused_setting(case.changed, folder)
    if not isinstance(case.changed, Cell):
        return ""
    cell = case.changed
    frame = site.projects if cell.layer == "projects" else getattr(site, cell.layer)
    got = frame[cell.column].iloc[cell.row]
    if _shows(cell, got):
        return ""
    told = {finding.message for finding in site.findings if finding.layer == cell.layer}
    if told - known(case.base):
        return ""
    return f"{cell.layer} {cell.column} = {ascii(cell.value)[:80]} was read as {ascii(got)[:80]}"


def _unused_setting(setting: Setting, folder: Path) -> str:
    scenario = load_scenario(folder / SCENARIO)
    got, value = getattr(getattr(scenario, setting.section), setting.key), setting.value
    if setting.key == "objective" or _same(got, value):
        return ""
    return f"[{setting.section}] {setting.key} = {value!r:.80} was read as {got!r:.80}"


def _same(got: Any, value: Any) -> bool:
    if isinstance(value, bool) or isinstance(got, bool):
        return got is value
    if isinstance(value, list):
        same = isinstance(got, tuple) and len(got) == len(value)
        return same and all(map(_same, got, value))
    if isinstance(value, dict):
        return got.keys() == value.keys() and all(_same(got[k], value[k]) for k in value)
    if isinstance(got, float):
        return bool(float(value) == got)
    if isinstance(got, int):
        return bool((float(value) if isinstance(value, str) else value) == got)
    return bool(got == value)


def _shows(cell: Cell, got: Any) -> bool:
    """Tell whether a cell as read is what was written, by rules of this test's own."""
    metadata = CONTRACTS[cell.layer].columns.columns[cell.column].metadata
    value = cell.value
    if _is_blank(value):
        return True  # blanks stand for the default
    if metadata["dtype"] in {"float64", "Int64"}:
        return not isinstance(value, bool) and _close(_number(value), got)
    if metadata["dtype"] in {"bool", "boolean"}:
        text = str(value).strip().casefold()
        return text in (_YES if got is True or got == 1 else _NO) or _close(_number(value), got)
    if pd.isna(got):
        return not _parts(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _close(_number(got), float(value))
    # A spreadsheet has no days, only their midnights.
    texts = (str(got), str(value).strip().removesuffix(" 00:00:00"))
    if metadata["choice"]:
        texts = (texts[0], texts[1].casefold())
    return texts[0] == texts[1] or _parts(got) == _parts(value)


def _is_blank(value: object) -> bool:
    if value is None or value == [] or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and not value.strip()


def _number(value: object) -> float:
    try:
        return float(str(value).strip())
    except ValueError:
        return math.nan


def _close(value: float, got: Any) -> bool:
    return bool(not pd.isna(got) and np.isclose(value, float(got), rtol=1e-12, atol=0))


def _parts(value: object) -> list[str]:
    parts: Iterable[object] = value if isinstance(value, list) else str(value).split(";")
    return [text for part in parts if (text := str(part).strip())]
