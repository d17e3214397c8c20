"""The parks of docs/allocation.md: a few plots, and who asks for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from pictured_land import EAST_M, NORTH_M, Land, area, terrace

import geoplan

_COLUMNS = "project_id,sector,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,jobs"
_SHIPPED = Path(geoplan.__file__).parent / "norms" / "kz-industrial.toml"
_SUBSTATION = (
    [shapely.Point(EAST_M + 10, NORTH_M + 110)],
    {"utility_id": ["U1"], "kind": ["power_mw"], "capacity": [17.0]},
)


def _table(head: str, *rows: str) -> str:
    return "\n".join([head, *rows, ""])


def _portfolio(more: str, *rows: str) -> str:
    return _table(f"{_COLUMNS},{more}".rstrip(","), *rows)


_COMPETING = _portfolio(
    "priority,power_mw",
    "P1,machine_building,1.4,1.2,2,12,40,1,6",
    "P2,chemicals_plastics,1.6,1.2,2,11,30,2,6",
    "P3,machine_building,1.8,1.2,2,9,60,1,5",
    "P4,light_industry,1.5,1.2,2,2,160,2,2",
    "P5,food,1.7,1.2,2,4,120,3,3",
    "P6,light_industry,1.6,1.2,2,1,140,4,1",
    "P7,food,1.4,1.2,2,3,90,2,2",
    "P8,light_industry,1.8,1.2,2,2,100,1,2",
)
_SIX = ((140, 160, 180), (150, 170, 160))
SUPPLIED = terrace(*_SIX, projects=_COMPETING)
SCARCE = terrace(*_SIX, projects=_COMPETING, utilities=_SUBSTATION)
"""Six plots for eight applicants, and power for some: large investors draw much of it."""

FITTING = terrace(
    (160, 160),
    (160, 160),
    projects=_portfolio(
        "",
        "P1,machine_building,1.6,1.5,1.7,9,40",
        "P2,chemicals_plastics,1,0.9,1.7,8,40",
        "P3,food,1,0.9,1.7,7,40",
        "P4,light_industry,1.6,1.5,1.7,3,40",
        "P5,food,1.6,1.5,1.7,2,40",
    ),
)
"""Four plots for five applicants; some would take more land than they ask for."""

WISHES = terrace(
    (80, 80, 100, 100, 120),
    (90, 90, 80, 100, 120),
    projects=_portfolio(
        "near",
        "P1,machine_building,0.8,0.7,1.3,5,40,P2",
        "P2,machine_building,1.2,0.7,1.3,5,40,",
        "P3,food,0.9,0.7,1.3,5,40,P4",
        "P4,food,1.2,0.7,1.3,5,40,",
        "P5,light_industry,1,0.9,1.1,4,40,",
    ),
)
"""Who would stand side by side asks for plots that lie apart."""

_FIVE = ((100,) * 5, (100,) * 5)
APART = terrace(
    *_FIVE,
    projects=_portfolio(
        "apart",
        "P1,chemicals_plastics,1,0.9,1.1,9,40,P2;P3",
        "P2,food,1,0.9,1.1,7,40,",
        "P3,food,1,0.9,1.1,6,40,",
        "P4,machine_building,1,0.9,1.1,5,40,",
    ),
)

SENDING = terrace(
    (90, 110, 120, 100, 130),
    (130, 100, 110, 120, 90),
    files={
        "flows.csv": _table(
            "from_id,to_id,commodity,t_year",
            "P1,P2,steel,60000",
            "P2,P3,parts,30000",
            "P5,G1,food,40000",
            "P4,G1,food,5000",
            "P6,P1,scrap,10000",
        )
    },
    projects=_portfolio(
        "",
        "P1,metal_products,1,0.9,1.3,9,40",
        "P2,machine_building,1,0.9,1.3,7,40",
        "P3,machine_building,1.2,0.9,1.3,6,40",
        "P4,food,1.1,0.9,1.3,6,40",
        "P5,food,1.1,0.9,1.3,5,40",
        "P6,warehouse,1.2,0.9,1.3,5,40",
    ),
)

RAILED = terrace(
    (140,) * 5,
    (140,) * 5,
    gates=((0, 110), (700, 110)),
    kinds=("road", "rail"),
    projects=_portfolio(
        "rail",
        "P1,metal_products,1.4,1.3,1.5,9,40,true",
        "P2,chemicals_plastics,1.4,1.3,1.5,8,40,true",
        "P3,machine_building,1.4,1.3,1.5,6,40,true",
        "P4,food,1.4,1.3,1.5,5,40,false",
    ),
)

_STANDING = (
    "P1,machine_building,2,1,2.2,6,40",
    "P2,food,2.2,0.9,2.4,5,40",
    "P3,light_industry,1,0.9,1.3,4,40",
)
_EIGHT = ((120, 100, 200, 100), (130, 90, 220, 80))
BEFORE = terrace(*_EIGHT, projects=_portfolio("", *_STANDING))
NEWCOMERS = terrace(
    *_EIGHT,
    projects=_portfolio(
        "",
        *_STANDING,
        "P4,chemicals_plastics,2.1,1.8,2.3,4,60",
        "P5,metal_products,2.1,1.8,2.3,0.6,60",
    ),
)
"""Two newcomers need the two large plots, on which others stand who would fit elsewhere."""

_DANGEROUS = _portfolio(
    "hazard_class",
    "P1,metal_products,1,0.9,1.1,9,40,3",
    "P2,chemicals_plastics,1,0.9,1.1,8,40,3",
    "P3,machine_building,1,0.9,1.1,6,40,4",
    "P4,food,1,0.9,1.1,5,40,",
)
_HOUSES = area((-70, 40), (-20, 40), (-20, 180), (-70, 180))
_OWN_NORMS = _SHIPPED.read_text(encoding="utf-8").replace(
    "distance_m = [1000, 500, 300, 100, 50]", "distance_m = [1000, 500, 450, 200, 50]"
)
AWAY = terrace((100,) * 6, (100,) * 6, projects=_DANGEROUS)
HOUSED = terrace(
    (100,) * 6,
    (100,) * 6,
    projects=_DANGEROUS,
    receptors=([_HOUSES], {"receptor_id": ["H1"], "kind": ["housing"]}),
    files={"own.toml": _OWN_NORMS},
)
WITH_HOUSES = (-80.0, 0.0, 600.0, 220.0)

STARTING = terrace(
    *_FIVE,
    projects=_portfolio(
        "start_year",
        "P1,machine_building,1,0.9,1.1,60,40,2026",
        "P2,food,1,0.9,1.1,40,40,2026",
        "P3,chemicals_plastics,1,0.9,1.1,50,40,2027",
        "P4,light_industry,1,0.9,1.1,30,40,2028",
    ),
)


def _busy() -> Land:
    """Twenty plants that send each other goods, on 24 plots."""
    drawn = np.random.default_rng(3)
    names = [f"P{number}" for number in range(1, 21)]
    sent = [
        f"{one},{other},goods,{drawn.integers(1, 60) * 1000}"
        for one in names
        for other in drawn.choice(names, 3, replace=False)
        if one != other
    ]
    return terrace(
        (100,) * 12,
        (100,) * 12,
        projects=_portfolio("", *(f"{name},food,1,0.9,1.1,5,40" for name in names)),
        files={"flows.csv": _table("from_id,to_id,commodity,t_year", *sent)},
    )


BUSY = _busy()
