"""What one objective costs the other, from a scenario."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from geoplan.config import Scenario, load_scenario
from geoplan.curve import Curve, curve_of, scenario_between
from geoplan.publish.tradeoff import save_tradeoff, tradeoff_html
from geoplan.site import read_site
from geoplan.stages import Progress

POINTS = 9
POINT_TIME_S = 5.0


@dataclass(frozen=True, eq=False)
class Tradeoff(Curve):
    """A curve as a notebook has it: its tables, a page, and a way to save both."""

    def save(self, directory: str | Path) -> Path:
        """Write page and tables; see :func:`geoplan.publish.tradeoff.save_tradeoff`."""
        return save_tradeoff(self, Path(directory))

    def html(self) -> str:
        """Return the page."""
        return tradeoff_html(self)


def tradeoff(
    scenario: str | Path | Scenario,
    *,
    between: tuple[str, str] = ("investment", "jobs"),
    points: int = POINTS,
    time_limit_s: float = POINT_TIME_S,
    progress: Progress | None = None,
) -> Tradeoff:
    """Trade two objectives on the land that a scenario's plan would lay out.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario file, or one already loaded; its own objectives are left aside.
    between : tuple of str
        Two objectives, or weighted sums such as ``"investment + 0.002 jobs"``.
    points : int
        Floors and ends; answers to weighted sums that are as good as any join them.
    time_limit_s : float
        Seconds for each point, a last resort as in ``[allocate]``: only where it does not strike
        do two runs give the same bytes for sure.
    progress : callable, optional
        Told what is begun.

    Returns
    -------
    Tradeoff

    Raises
    ------
    GeoplanError
        If scenario, layers or portfolio cannot be used, or the two cannot be traded.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    asked = scenario_between(scenario, between, time_limit_s)
    if progress is not None:
        progress("read")
    curve = curve_of(read_site(asked), asked, points=points, progress=progress)
    return Tradeoff(**{each.name: getattr(curve, each.name) for each in fields(curve)})
