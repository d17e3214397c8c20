"""Plans that were saved: read back, and put side by side."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from geoplan.comparison import Comparison, compared
from geoplan.config.norms import NormProfile
from geoplan.config.reading import checked
from geoplan.decisions import DECISIONS, LINEAGE
from geoplan.errors import GeoplanError, Problem, Problems
from geoplan.pipeline.plan import Plan
from geoplan.plan import PlanLayers
from geoplan.publish import GEOPACKAGE_NAME, read_plan
from geoplan.publish.manifest import MANIFEST_NAME

_MANIFEST_KINDS = {DECISIONS: dict, LINEAGE: list}
_DECISION_KINDS = {"pinned": dict, "withdrawn": list, "off_market": list}


def load(directory: str | Path) -> Plan:
    """Read a saved plan back.

    Raises
    ------
    GeoplanError
        If the folder holds no plan, or one whose manifest has been damaged.
    """
    plan = Plan(**vars(read_plan(Path(directory))))
    _check_manifest(plan.manifest, str(Path(directory) / MANIFEST_NAME))
    return plan


def _check_manifest(manifest: Mapping[str, Any], where: str) -> None:
    """Refuse a manifest that others than geoplan have changed where the plan is read by it."""
    problems = Problems()
    remedy = "Plan anew, or restore the manifest that was saved with the plan."
    for name, kind in _MANIFEST_KINDS.items():
        if not isinstance(manifest.get(name, kind()), kind):
            problems.add(where, f"'{name}' is no {kind.__name__}.", remedy)
    if not isinstance(manifest.get("norms"), dict):
        problems.add(where, "'norms' is missing or no dict.", remedy)
    problems.raise_any()
    decisions = manifest.get(DECISIONS, {})
    if not all(isinstance(decisions.get(n, k()), k) for n, k in _DECISION_KINDS.items()):
        problems.add(where, f"'{DECISIONS}' holds something else than ids.", remedy)
    try:
        checked(NormProfile, manifest["norms"], f"{where}, norms")
    except GeoplanError as error:
        problems.take(error)
    problems.raise_any()


def package_digest(directory: Path) -> str:
    """Sum up the GeoPackage of a saved plan."""
    return sha256((directory / GEOPACKAGE_NAME).read_bytes()).hexdigest()


def scenario_record(path: Path) -> dict[str, str]:
    """Say for the manifest which scenario file a plan was made of.

    Returns
    -------
    dict
        ``file``, the whole path (a saved manifest has it as seen from its folder), and
        ``sha256``.
    """
    return {"file": path.resolve().as_posix(), "sha256": sha256(path.read_bytes()).hexdigest()}


def scenario_of(plan: PlanLayers) -> Path:
    """Return the scenario file that a saved plan was made of.

    Raises
    ------
    GeoplanError
        If the plan names none, it is gone, or it is not what it was.
    """
    told = plan.manifest.get("scenario")
    remedy = "Name the scenario to plan by: --scenario FILE."
    if not isinstance(told, dict):
        cause = "the plan does not say which scenario file it was made of."
        raise GeoplanError([Problem(MANIFEST_NAME, cause, remedy)])
    path = Path(str(told.get("file")))
    if not path.is_file():
        raise GeoplanError([Problem(str(path), "the plan's scenario is gone.", remedy)])
    if scenario_record(path)["sha256"] != told.get("sha256"):
        cause = "the scenario has been changed since the plan was made."
        remedy = "Put it back, or take it as it is now: --scenario FILE."
        raise GeoplanError([Problem(str(path), cause, remedy)])
    return path


def compare(a: str | Path | PlanLayers, b: str | Path | PlanLayers) -> Comparison:
    """Put two plans side by side.

    Parameters
    ----------
    a, b : str, Path or PlanLayers
        Plans, or the folders that they are saved in.

    Returns
    -------
    Comparison
        Frames: figures, balance, streets, capacities, objectives, projects.

    Raises
    ------
    GeoplanError
        If a folder holds no plan.
    """
    problems, plans = Problems(), []
    for each in (a, b):
        try:
            plans.append(each if isinstance(each, PlanLayers) else load(each))
        except GeoplanError as error:
            problems.take(error)
    problems.raise_any()
    labels = ("A" if isinstance(a, PlanLayers) else str(a),
              "B" if isinstance(b, PlanLayers) else str(b))  # fmt: skip
    return compared(*plans, labels=labels)
