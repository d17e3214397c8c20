"""The programme: one TOML file that names many parks and the one portfolio that they share."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator

from geoplan.config.norms import NormProfile, load_norms
from geoplan.config.objectives import WEIGHABLE, weights_of
from geoplan.config.reading import from_file, read_toml
from geoplan.config.scenario import check_names
from geoplan.config.settings import (
    AllocateSettings,
    NormSettings,
    NotNegative,
    Place,
    Settings,
    SubdivideSettings,
    TargetSettings,
)
from geoplan.errors import Problems

SHARED_LAYERS = ("zones", "exclusions", "gates", "utilities", "receptors")
"""Layers of a programme: each record names its park."""


class ProgrammeSettings(Settings):
    """``[programme]``: which parks, and who asks for land in them."""

    name: str = Field(default="Unnamed programme", description="shown with all that is made of it")
    notice: str = Field(
        default="", description="shown with the name, e.g. that the data are schematic"
    )
    year: int = Field(
        default=2026, ge=1900, le=2200, description="zones available by then are serviced"
    )
    parks: Place = Field(
        description="table: park_id, name, region, crs, lon, lat; available_year, scenario"
    )
    zones: Place | None = Field(
        default=None, description="layer file with a column park_id; ids are unique in all parks"
    )
    exclusions: Place | None = Field(default=None, description="the same, land not to be plotted")
    gates: Place | None = Field(
        default=None, description="the same, where roads and railways arrive"
    )
    utilities: Place | None = Field(default=None, description="the same, sources with capacities")
    receptors: Place | None = Field(
        default=None, description="the same, what hazards keep away from"
    )
    projects: Place = Field(
        description="the portfolio's table; regions or park_ids (joined by ;) say where one may go"
    )
    rounds_max: int = Field(
        default=4, ge=1, description="times that those without a plot are offered to other parks"
    )
    gap: NotNegative = Field(
        default=0.01, description="relative distance to the bound that is enough for the whole"
    )


class Programme(Settings):
    """A whole programme; see :func:`load_programme`."""

    programme: ProgrammeSettings
    targets: TargetSettings = TargetSettings()
    subdivide: SubdivideSettings = SubdivideSettings()
    allocate: AllocateSettings = AllocateSettings()
    norms: NormSettings = NormSettings()
    columns: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="names of columns in the files: layer -> ours -> theirs"
    )
    folder: Path = Field(Path(), exclude=True, description="relative paths start here")

    @field_validator("subdivide")
    @classmethod
    def _drawn(cls, settings: SubdivideSettings) -> SubdivideSettings:
        if settings.mode != "to-measure":
            raise ValueError(
                "parks of a programme are cut to measure; one with a cadastre of its own has a"
                " scenario"
            )
        return settings

    @cached_property
    def norm_profile(self) -> NormProfile:
        """The profile that ``[norms]`` names."""
        return load_norms(self.norms.profile, self.folder)

    @property
    def aim(self) -> str:
        """What projects are shared out by: the first objective that adds up project by project."""
        for name in self.allocate.objective:
            if set(weights_of(name)) <= set(WEIGHABLE):
                return name
        return WEIGHABLE[0]


def load_programme(path: str | Path) -> Programme:
    """Read and check a programme file.

    Parameters
    ----------
    path : str or Path
        A ``*.toml`` file; the paths in it are relative to its folder.

    Returns
    -------
    Programme

    Raises
    ------
    GeoplanError
        With every fault of the file: unknown keys (and the nearest known), wrong types,
        values out of range, an unknown norm profile.
    """
    path = Path(path)
    programme = from_file(Programme, read_toml(path), path)
    problems = Problems()
    check_names(programme.subdivide, programme.norms, path, problems)
    problems.raise_any()
    return programme
