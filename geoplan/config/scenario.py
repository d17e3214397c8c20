"""A scenario as a whole: its sections, and what they must be together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field

from geoplan.config.norms import NormProfile, load_norms
from geoplan.config.reading import checked, from_file, read_toml
from geoplan.config.settings import (
    AllocateSettings,
    NormSettings,
    PortfolioSettings,
    Settings,
    SiteSettings,
    SubdivideSettings,
    TargetSettings,
)
from geoplan.config.words import ZONE_USES
from geoplan.errors import GeoplanError, Problem, Problems, nearest_name


class Scenario(Settings):
    """A whole scenario; see :func:`load_scenario`."""

    site: SiteSettings
    portfolio: PortfolioSettings | None = None
    subdivide: SubdivideSettings = SubdivideSettings()
    allocate: AllocateSettings = AllocateSettings()
    norms: NormSettings = NormSettings()
    targets: TargetSettings | None = None
    columns: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="names of columns in the files: layer -> ours -> theirs"
    )
    folder: Path = Field(Path(), exclude=True, description="relative paths start here")

    @cached_property
    def norm_profile(self) -> NormProfile:
        """The profile that ``[norms]`` names."""
        return load_norms(self.norms.profile, self.folder)

    def changed(self, **sections: Mapping[str, Any]) -> Scenario:
        """Return the scenario with other settings, which are checked as those of a file are.

        Parameters
        ----------
        **sections : mapping of str to object
            Settings by section, for instance ``subdivide={"street_local_m": 24}``.

        Returns
        -------
        Scenario

        Raises
        ------
        GeoplanError
            With every section and setting that is unknown, or has a value that it cannot have.
        """
        content = self.model_dump(exclude_unset=True)
        for name, settings in sections.items():
            content[name] = {**(content.get(name) or {}), **settings}
        return checked(Scenario, content | {"folder": self.folder}, "the changed scenario")


def load_scenario(path: str | Path, *, mode: str | None = None) -> Scenario:
    """Read and check a scenario file.

    Parameters
    ----------
    path : str or Path
        A ``*.toml`` file; the paths in it are relative to its folder.
    mode : str, optional
        Taken instead of the file's ``[subdivide] mode``.

    Returns
    -------
    Scenario

    Raises
    ------
    GeoplanError
        With every fault of the file: unknown keys (and the nearest known), wrong types,
        values out of range, an unknown norm profile.
    """
    path = Path(path)
    content = read_toml(path)
    if mode is not None and isinstance(content.setdefault("subdivide", {}), dict):
        content["subdivide"]["mode"] = mode
    scenario = from_file(Scenario, content, path)
    problems = Problems()
    needs_portfolio = scenario.subdivide.mode == "to-measure"
    if needs_portfolio and scenario.portfolio is None:
        problems.add(
            path.name,
            "mode 'to-measure' cuts plots for projects, but no [portfolio] is given.",
            'Name one with projects = "projects.csv", or set [subdivide] mode = "grid".',
        )
    if scenario.subdivide.mode == "given" and scenario.site.plots is None:
        problems.add(
            path.name,
            "mode 'given' takes plots as they are, but [site] names no plots.",
            'Name their layer with plots = "plots.gpkg", or choose another mode.',
        )
    if mode is None:  # another mode leaves aside what the file says for its own
        _check_regrouping(scenario, path.name, problems)
    check_names(scenario.subdivide, scenario.norms, path, problems)
    problems.raise_any()
    return scenario


def at_move_price(scenario: Scenario, price: float) -> Scenario:
    """Return a scenario with another ``[allocate] move_price_bn_kzt``.

    Raises
    ------
    GeoplanError
        If the price is negative, or no number.
    """
    if not price >= 0:
        cause = f"a move cannot have the price {price:g}."
        remedy = "Give 0 or more; inf: nobody moves."
        raise GeoplanError([Problem("[allocate] move_price_bn_kzt", cause, remedy)])
    allocate = scenario.allocate.model_copy(update={"move_price_bn_kzt": float(price)})
    return scenario.model_copy(update={"allocate": allocate})


def check_names(
    subdivide: SubdivideSettings, norms: NormSettings, path: Path, problems: Problems
) -> None:
    """Note zone uses and a norm profile that do not exist."""
    for use in subdivide.plotted_uses:
        if use not in ZONE_USES:
            where = f"{path.name}, [subdivide] plotted_uses"
            problems.add(where, f"'{use}' is no zone use.", nearest_name(use, ZONE_USES))
    try:
        load_norms(norms.profile, path.parent)
    except GeoplanError as error:
        problems.take(error)


def _check_regrouping(scenario: Scenario, where: str, problems: Problems) -> None:
    settings = scenario.subdivide
    if settings.mode == "given":
        return
    usual = SubdivideSettings()
    for name in ("merge_plots", "split_plots", "merge_plots_max"):
        if getattr(settings, name) != getattr(usual, name):
            problems.add(
                f"{where}, [subdivide] {name}",
                f"mode '{settings.mode}' draws plots of its own, so none can be merged or split.",
                'Remove the setting, or set mode = "given".',
            )
