"""Norm profiles: land-balance ranges and sanitary distances, each with its source."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from geoplan.config.flow_norms import FlowNorm
from geoplan.config.reading import checked, read_toml
from geoplan.config.settings import NotNegative, Settings
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


class TermNorm(Settings):
    """How long a project may stay in one state of the lifecycle, and what comes then."""

    months_max: int = Field(ge=1, le=600)
    then: Literal["warn", "may be taken back"]
    source: str
    confidence: Literal["H", "M", "L"]


Status = Literal["application", "review", "reservation", "contract", "construction", "operation"]
Terms = Annotated[
    tuple[TermNorm, ...], BeforeValidator(lambda each: (each,) if isinstance(each, dict) else each)
]


class NormProfile(Settings):
    """A norm profile: ``geoplan/norms/*.toml`` or a file of the planner's own.

    ``lifecycle`` has terms by status: ``[lifecycle.contract]`` for one, ``[[lifecycle.contract]]``
    for several of them.
    """

    title: str
    balance: dict[str, BalanceNorm]
    spz: SpzNorm
    flows: dict[str, FlowNorm] = Field(
        default_factory=dict, description="goods of each sector, for a year and hectare"
    )
    lifecycle: dict[Status, Terms] = Field(default={})


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
