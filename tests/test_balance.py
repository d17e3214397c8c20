from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geoplan.balance import balance_of
from geoplan.config import LAND_KINDS, NormProfile
from geoplan.plan import BALANCE_COLUMNS


def norms(**ranges: tuple[float, float]) -> NormProfile:
    return NormProfile.model_validate(
        {
            "title": "By hand",
            "balance": {
                kind: {"min": least, "max": most, "source": "-", "confidence": "L"}
                for kind, (least, most) in ranges.items()
            },
            "spz": {
                "distance_m": (1000, 500, 300, 100, 50),
                "sensitive_sectors": (),
                "sensitive_against_class_max": 3,
                "source": "-",
                "confidence": "L",
            },
        }
    )


def land(*pieces: tuple[str, str, float]) -> gpd.GeoDataFrame:
    zone_id, kind, area_ha = zip(*pieces, strict=True)
    columns = {"zone_id": list(zone_id), "kind": list(kind), "area_ha": list(area_ha)}
    return gpd.GeoDataFrame(columns, geometry=[None] * len(pieces), crs="EPSG:32642")


# Zone A: 6 ha of plots, 2 ha of streets; zone B: 2 ha of green. Together 10 ha.
PARK = land(("B", "green", 2.0), ("A", "plot", 5.0), ("A", "street", 2.0), ("A", "plot", 1.0))


def row(table: pd.DataFrame, zone_id: str, kind: str) -> pd.Series:
    (found,) = [r for _, r in table.iterrows() if (r["zone_id"], r["kind"]) == (zone_id, kind)]
    return found


def test_kinds_add_up_for_each_zone_and_for_the_park() -> None:
    table = balance_of(PARK, norms())
    assert tuple(table.columns) == BALANCE_COLUMNS
    assert row(table, "all", "plot")["area_ha"] == 6.0
    assert row(table, "all", "plot")["share"] == 0.6
    assert row(table, "A", "plot")["share"] == 0.75
    assert row(table, "B", "green")["share"] == 1.0
    assert table.groupby("zone_id")["share"].sum().to_numpy() == pytest.approx(1.0)


def test_the_park_shows_every_kind_and_a_zone_only_what_it_has() -> None:
    table = balance_of(PARK, norms())
    assert table.loc[table["zone_id"] == "all", "kind"].tolist() == list(LAND_KINDS)
    assert table["zone_id"].tolist() == ["all"] * len(LAND_KINDS) + ["A", "A", "B"]


def test_the_park_is_held_against_the_norms_and_zones_are_not() -> None:
    table = balance_of(PARK, norms(plot=(0.6, 0.7), street=(0.0, 0.1), services=(0.02, 0.1)))
    assert row(table, "all", "plot")["ok"]  # 60 % is within 60 to 70 %
    assert not row(table, "all", "street")["ok"]  # 20 % is above 10 %
    assert not row(table, "all", "services")["ok"]  # none is below 2 %
    assert pd.isna(row(table, "all", "green")["ok"])
    of_zones = table[table["zone_id"] != "all"]
    assert of_zones[["norm_min", "norm_max", "ok"]].isna().all(axis=None)
    assert table["ok"].dtype == "boolean"


def test_the_order_of_land_does_not_matter_and_land_is_left_as_it_was() -> None:
    before = PARK.copy(deep=True)
    turned = balance_of(PARK.iloc[::-1], norms(plot=(0.6, 0.7)))
    pd.testing.assert_frame_equal(turned, balance_of(PARK, norms(plot=(0.6, 0.7))))
    pd.testing.assert_frame_equal(pd.DataFrame(PARK), pd.DataFrame(before))
