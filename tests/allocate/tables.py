"""Portfolios and units by hand: what a test does not name is at its plainest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoplan.allocate.pose import Posed, pose
from geoplan.config import UTILITY_KINDS, NormProfile
from geoplan.site.surroundings import Surroundings

NULLABLE = {
    "hazard_class": "Int64",
    "start_year": "Int64",
    "sensitive": "boolean",
    "hazard_max": "Int64",
    "available_year": "Int64",
    "use": "str",
    "plot_id": "str",
    "apart": "str",
    "near": "str",
    "sector": "str",
    "receptor_id": "str",
}
NORMS = NormProfile.model_validate(
    {
        "title": "By hand",
        "balance": {},
        "spz": {
            "distance_m": (1000, 500, 300, 100, 50),
            "sensitive_sectors": ("food",),
            "sensitive_against_class_max": 3,
            "source": "SN 245-71",
            "confidence": "H",
        },
    }
)


def table(count: int, default: dict[str, Any], given: dict[str, Any]) -> pd.DataFrame:
    columns = default | given
    return pd.DataFrame(
        {
            name: pd.Series(
                value if isinstance(value, list) else [value] * count,
                dtype=NULLABLE.get(name),
            )
            for name, value in columns.items()
        }
    )


def projects(count: int, **given: Any) -> pd.DataFrame:
    """Projects P1, P2 ... of 0.8 to 1.2 ha, wanting 1 ha and nothing else."""
    default: dict[str, Any] = {
        "project_id": [f"P{i + 1}" for i in range(count)],
        "status": "application",
        "use": None,
        "sector": None,
        "area_ha": 1.0,
        "area_min_ha": 0.8,
        "area_max_ha": 1.2,
        "frontage_min_m": np.nan,
        "invest_bn_kzt": 1.0,
        "jobs": 10,
        "priority": 0.0,
        "rail": False,
        "hazard_class": None,
        "sensitive": None,
        "start_year": None,
        "plot_id": None,
        "apart": None,
        "near": None,
        **dict.fromkeys(UTILITY_KINDS, 0.0),
    }
    return table(count, default, given)


def units(count: int, **given: Any) -> pd.DataFrame:
    """Strips S1, S2 ... of 3 ha and 50 m depth for plots of 0.3 to 2 ha, with their facts."""
    default: dict[str, Any] = {
        "unit_id": [f"S{i + 1}" for i in range(count)],
        "use": "production",
        "area_ha": 3.0,
        "depth_m": 50.0,
        "plot_area_min_ha": 0.3,
        "plot_area_max_ha": 2.0,
        "divisible": True,
        "street_class": "main",
    }
    return table(count, default, {k: v for k, v in given.items() if k in default})


def around(
    count: int, near: list[tuple[int, int, float]] | None = None, **given: Any
) -> Surroundings:
    """Land that nothing stands around; `near` lists pairs of units and their distance."""
    default: dict[str, Any] = {
        "hazard_max": None,
        "available_year": None,
        "rail": False,
        "class_min": 1,
        "receptor_id": None,
        **{f"service_{kind}": None for kind in UTILITY_KINDS},
    }
    facts = table(count, default, {k: v for k, v in given.items() if k in default})
    for kind in UTILITY_KINDS:
        service = facts[f"service_{kind}"].astype(object)
        facts[f"service_{kind}"] = service
        never = np.inf if service.notna().any() else -np.inf
        facts[f"supplied_from_{kind}"] = np.where(service.notna(), -np.inf, never)
        facts[f"supplied_from_{kind}"] = given.get(
            f"supplied_from_{kind}", facts[f"supplied_from_{kind}"]
        )
    left, right, distance = zip(*near, strict=True) if near else ((), (), ())
    return Surroundings(
        facts,
        np.array(left, dtype=np.intp),
        np.array(right, dtype=np.intp),
        np.array(distance, dtype=float),
    )


def utilities(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["utility_id", "kind", "capacity"])


def posed(
    portfolio: pd.DataFrame,
    count: int,
    *,
    near: list[tuple[int, int, float]] | None = None,
    given: pd.DataFrame | None = None,
    apart_m: float = 100.0,
    near_m: float = 300.0,
    **facts: Any,
) -> Posed:
    """Pose a portfolio on strips with these facts."""
    return pose(
        portfolio,
        units(count, **facts),
        around(count, near, **facts),
        utilities() if given is None else given,
        NORMS,
        apart_m=apart_m,
        near_m=near_m,
    )
