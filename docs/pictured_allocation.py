"""The pictures of docs/allocation.md: who asks for which plots, with which settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pictured_applicants import (
    APART,
    AWAY,
    BEFORE,
    BUSY,
    FITTING,
    HOUSED,
    NEWCOMERS,
    RAILED,
    SCARCE,
    SENDING,
    STARTING,
    SUPPLIED,
    WISHES,
    WITH_HOUSES,
)
from pictured_land import Case, Land, Topic

from geoplan.config import toml_value

PAGE = "allocation.md"
BY_AREA = ("investment", "area_fit")
BY_WORK = ("investment", "transport", "area_fit")

_GOAL: Mapping[str, Any] = {
    "kzt_per_usd": 520,
    "inflow_bn_usd": {2026: 0.06, 2027: 0.12, 2028: 0.1},
}


Tables = Mapping[str, Mapping[str, Any]]


def _case(
    name: str, label: str, given: Land, told: tuple[str, ...], tables: Tables, **more: Any
) -> Case:
    return Case(
        name,
        label,
        given,
        "given",
        {},
        told,
        tables=tables,
        **{"shows": "projects", "names": "", **more},
    )


def _effect(
    setting: str,
    *values: object,
    given: Land,
    told: tuple[str, ...],
    others: Tables | None = None,
    called: str | None = None,
    columns: int | None = None,
    **more: Any,
) -> Topic:
    """Place the same projects with several values of ``table.setting``."""
    table, key = setting.split(".")
    cases = []
    for value in values:
        tables = dict(others or {})
        tables[table] = {**tables.get(table, {}), key: value}
        name = f"{called or key}-{_slug(value)}"
        cases.append(_case(name, f"`{key} = {_shown(value)}`", given, told, tables, **more))
    return Topic(tuple(cases), (setting,), columns=columns or len(values))


def _inflow(setting: str, *values: object) -> Topic:
    """Hold the same projects' capital against targets, with several values of a setting."""
    others = {"targets": _GOAL}
    told = ("inflow", "short")
    return _effect(setting, *values, given=STARTING, told=told, others=others, shows="targets")


def _shown(value: object) -> str:
    return toml_value(dict(value) if isinstance(value, Mapping) else value)


def _slug(value: object) -> str:
    parts = value if isinstance(value, tuple) else [value]
    if isinstance(value, Mapping):
        parts = list(value.values())
    words = "-".join(str(part) for part in parts)
    return words.replace(" + ", "-and-").replace(" ", "-").replace("_", "-").removesuffix(".toml")


_AREA: Tables = {"allocate": {"objective": BY_AREA}}
_AGAIN = _case("before", "The plan so far", BEFORE, ("placed", "investment"), _AREA)

TOPICS: Mapping[str, Topic] = {
    "values": _effect(
        "allocate.objective",
        BY_AREA,
        ("jobs", "area_fit"),
        ("priority", "area_fit"),
        ("projects", "investment", "area_fit"),
        ("investment + 0.02 jobs", "area_fit"),
        ("investment + 0.05 jobs", "area_fit"),
        given=SCARCE,
        told=("placed", "investment", "jobs", "points", "power"),
        names="invest_bn_kzt jobs",
        columns=2,
    ),
    "area fit": _effect(
        "allocate.objective",
        ("area_fit", "investment"),
        BY_AREA,
        given=FITTING,
        told=("placed", "investment", "fit"),
        names="area_ha",
        called="fit",
    ),
    "near first": _effect(
        "allocate.objective",
        ("investment", "area_fit", "near"),
        ("investment", "near", "area_fit"),
        given=WISHES,
        told=("placed", "wishes", "fit"),
        others={"allocate": {"near_m": 50}},
        shows="near",
        called="wishes",
    ),
    "near m": _effect(
        "allocate.near_m",
        50,
        300,
        given=WISHES,
        told=("placed", "wishes", "fit"),
        shows="near",
    ),
    "transport": _effect(
        "allocate.objective",
        BY_AREA,
        BY_WORK,
        given=SENDING,
        told=("placed", "investment", "work", "fit"),
        others={"portfolio": {"flows": "flows.csv"}},
        shows="flows",
        called="sent",
    ),
    "apart m": _effect(
        "allocate.apart_m",
        0,
        100,
        250,
        350,
        given=APART,
        told=("placed", "investment", "between"),
        others=_AREA,
        shows="apart",
        columns=2,
    ),
    "rail": _effect(
        "allocate.rail_reach_m",
        150,
        300,
        given=RAILED,
        told=("placed", "investment"),
        others=_AREA,
        shows="rail",
    ),
    "move price": Topic(
        (
            _AGAIN,
            *(
                _case(
                    f"move-price-{price:g}",
                    f"`move_price_bn_kzt = {toml_value(price)}`",
                    NEWCOMERS,
                    ("placed", "investment", "moved"),
                    {"allocate": {"objective": BY_AREA, "move_price_bn_kzt": price}},
                    before=_AGAIN,
                    shows="moves",
                )
                for price in (0.0, 1.0, float("inf"))
            ),
        ),
        ("allocate.move_price_bn_kzt",),
    ),
    "flows": _effect(
        "portfolio.flows",
        "flows.csv",
        "by-sector",
        given=SENDING,
        told=("placed", "work", "fit"),
        others={"allocate": {"objective": BY_WORK}},
        shows="flows",
    ),
    "utilities": Topic(
        (
            _case("power-enough", "No `utilities`", SUPPLIED, ("placed", "investment"), _AREA),
            _case(
                "power-scarce",
                "`utilities`: 17 MW",
                SCARCE,
                ("placed", "investment", "power"),
                _AREA,
            ),
        ),
        ("site.utilities",),
    ),
    "receptors": Topic(
        (
            _case(
                "receptors-none",
                "No `receptors`",
                AWAY,
                ("placed", "investment"),
                _AREA,
                window=WITH_HOUSES,
            ),
            _case(
                "receptors-houses",
                "`receptors`: houses in the west",
                HOUSED,
                ("placed", "investment"),
                _AREA,
                window=WITH_HOUSES,
                shows="receptors",
            ),
        ),
        ("site.receptors",),
    ),
    "profile": _effect(
        "norms.profile",
        "kz-industrial",
        "own.toml",
        given=HOUSED,
        told=("placed", "investment"),
        others=_AREA,
        window=WITH_HOUSES,
        shows="receptors",
    ),
    "build years": _inflow("targets.build_years", 1, 4),
    "targets": _inflow(
        "targets.inflow_bn_usd", {2026: 0.06, 2027: 0.12, 2028: 0.1}, {2026: 0.15, 2027: 0.15}
    ),
    "rate": _inflow("targets.kzt_per_usd", 400, 640),
}
"""Topic, as the page marks the place of its pictures, to these."""

WORK_LIMITS, SEEDS = (1, 10, 100, 1000, 2000), (1, 2)
WORK: Mapping[int, tuple[Case, ...]] = {
    seed: tuple(
        _case(
            f"work-{seed}-{limit}",
            f"seed {seed}, work limit {limit}",
            BUSY,
            (),
            {
                "allocate": {"objective": BY_WORK, "work_limit": limit, "seed": seed},
                "portfolio": {"flows": "flows.csv"},
            },
        )
        for limit in WORK_LIMITS
    )
    for seed in SEEDS
}
"""Runs of two curves: the same projects with more and more work, by seed."""
CURVED = ("allocate.work_limit", "allocate.seed")
"""Settings that the curves show."""
