"""Norm profiles: land-balance ranges and sanitary distances, each with its source."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field

from geoplan.config.reading import checked, read_toml
from geoplan.config.settings import NotNegative, Positive, Settings
from geoplan.errors import GeoplanError, Problem, nearest_name


class BalanceNorm(Settings):
    """Range of one kind's share of the land, with where it comes from."""

    min: float = Field(ge=0, le=1)
    max: float = Field(ge=0, le=1)
    source: str
    confidence: Literal["H", "M", "L"]


class SpzNorm(Settings):
    """Distances that hazard classes I-V keep from receptors, in metres."""

    distance_m: tuple[NotNegative, NotNegative, NotNegative, NotNegative, NotNegative]
    sensitive_sectors: tuple[str, ...]
    sensitive_against_class_max: int = Field(ge=0, le=5)
    source: str
    confidence: Literal["H", "M", "L"]


class RailNorm(Settings):
    """How narrow a siding may turn, with where that comes from."""

    siding_radius_min_m: Positive = 200.0
    source: str = "Radius of a rail siding of about 200 m: working figure"
    confidence: Literal["H", "M", "L"] = "L"


class NormProfile(Settings):
    """A norm profile: ``geoplan/norms/*.toml`` or a file of the planner's own."""

    title: str
    balance: dict[str, BalanceNorm]
    spz: SpzNorm
    rail: RailNorm = RailNorm()


def load_norms(profile: str, folder: Path) -> NormProfile:
    """Read a norm profile by shipped name or by path.

    Raises
    ------
    GeoplanError
        If there is no such profile, or the file does not follow its schema.
    """
    if profile.endswith(".toml"):
        path = folder / profile
        return checked(NormProfile, read_toml(path), path.name)
    shipped = resources.files("geoplan.norms")
    files = (file.name for file in shipped.iterdir())
    known = sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    if profile not in known:
        raise GeoplanError(
            [
                Problem(
                    "[norms] profile",
                    f"no norm profile is called '{profile}'.",
                    f"{nearest_name(profile, known)} A path ending in .toml reads your own.",
                )
            ]
        )
    text = shipped.joinpath(f"{profile}.toml").read_text(encoding="utf-8")
    return checked(NormProfile, tomllib.loads(text), f"{profile}.toml")
