"""Plans that were saved: read back, and put side by side."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from geoplan.comparison import Comparison, compared
from geoplan.errors import GeoplanError, Problem, Problems
from geoplan.pipeline.plan import Plan
from geoplan.plan import PlanLayers
from geoplan.publish import GEOPACKAGE_NAME, read_plan
from geoplan.publish.manifest import MANIFEST_NAME


def load(directory: str | Path) -> Plan:
    """Read a saved plan back.

    Raises
    ------
    GeoplanError
        If the folder holds no plan.
    """
    return Plan(**vars(read_plan(Path(directory))))


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
