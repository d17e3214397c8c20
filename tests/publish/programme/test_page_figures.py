"""The figures behind the page, against sums by hand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, Polygon

from geoplan.publish.programme.content import page_content
from geoplan.publish.programme.figures import (
    causes,
    gap_to_target,
    headline,
    lack_rows,
    room,
    year_rows,
)
from geoplan.publish.programme.outline import OUTLINE, WATERS, WIDTH, country, projected
from geoplan.publish.programme.tables import ProgrammeTables


def test_the_headline_counts_all_but_the_withdrawn(programme: ProgrammeTables) -> None:
    assert headline(programme) == {
        "projects": 7,
        "placed": 4,
        "asked_bn": 1680.0,
        "placed_bn": 1500.0,
        "jobs_asked": 168,
        "jobs": 150,
        "parks": 4,
        "regions": 3,
    }


def test_years_tell_what_is_missing_so_far(programme: ProgrammeTables) -> None:
    rows = year_rows(programme)
    assert [row["target"] for row in rows] == [500.0, 1000.0, 1500.0, None]
    assert [row["missing"] for row in rows] == [450.0, 650.0, 800.0, None]
    assert [row["missing_so_far"] for row in rows] == [450.0, 1100.0, 1900.0, None]


def test_what_would_close_the_gap_adds_up_to_the_gap(programme: ProgrammeTables) -> None:
    gap = gap_to_target(year_rows(programme))
    assert gap == {
        "first": 2026,
        "last": 2028,
        "target": 3000.0,
        "planned": 1100.0,
        "missing": 1900.0,
        "waiting": 145.0,
        "later": 400.0,
        "unasked": 1355.0,
    }


@pytest.mark.parametrize(
    ("target_bn_usd", "parts"),
    [(0.2, (0, 0, 0, 0)), (2.3, (50, 50, 0, 0)), (2.6, (200, 145, 55, 0))],
)
def test_nothing_closes_more_than_is_missing(
    programme: ProgrammeTables, target_bn_usd: float, parts: tuple[int, ...]
) -> None:
    years = programme.years.assign(target_bn_usd=[0.05, 0.05, target_bn_usd - 0.1, np.nan])
    gap = gap_to_target(year_rows(replace(programme, years=years)))
    names = ("missing", "waiting", "later", "unasked")
    assert [gap[name] for name in names] == pytest.approx(parts)


def test_without_targets_there_is_no_gap(programme: ProgrammeTables) -> None:
    years = programme.years.assign(target_bn_usd=np.nan)
    rows = year_rows(replace(programme, years=years))
    assert gap_to_target(rows) is None
    assert [row["missing_so_far"] for row in rows] == [None] * 4


def test_who_has_no_plot_is_counted_under_what_he_lacks(programme: ProgrammeTables) -> None:
    table = causes(programme)
    assert table["cause"].tolist()[4:] == [
        "power",
        "several at once",
        "barred by rules",
        "withdrawn",
    ]
    assert table["cause"][:4].isna().all()
    assert table["lacks_in"].tolist()[4:] == ["Astana", "Abai", "Shymkent", "Astana"]


def test_lacks_say_who_would_lack_nothing_else(programme: ProgrammeTables) -> None:
    rows = lack_rows(programme)
    assert [(row["kind"], row["park"], row["alone"], row["alone_bn"]) for row in rows] == [
        ("power_mw", 1, 0, 0.0),
        ("land_ha", 1, 0, 0.0),
        ("power_mw", 0, 1, 50.0),
    ]
    assert [row["bn"] for row in rows] == [60.0, 60.0, 50.0]


def test_room_is_told_by_what_runs_out_first(programme: ProgrammeTables) -> None:
    # Land: 131 of 260 ha free; power: 30.5 of 70 MW; water: 600 of 900 m3 a day.
    assert room(programme) == {"kind": "power_mw", "bn": pytest.approx(1500.0 * 30.5 / 39.5)}


def test_the_country_is_drawn_where_parks_are_in_it(programme: ProgrammeTables) -> None:
    drawn = country(programme.parks)
    assert len(drawn.outline) == len(OUTLINE)
    assert len(drawn.waters) == len(WATERS)
    border = Polygon(drawn.outline)
    assert border.is_valid
    assert all(border.contains(Point(*place)) for place in zip(drawn.x, drawn.y, strict=True))
    xy = np.array(drawn.outline)
    assert xy.min() > 0
    assert xy[:, 0].max() < WIDTH
    assert xy[:, 1].max() < drawn.height


def test_the_outline_is_the_countrys_in_shape_and_size() -> None:
    # Kazakhstan has 2.72 million km2; the picture keeps areas.
    border = Polygon(projected(*np.array(OUTLINE).T))
    assert border.area * 6371.0**2 == pytest.approx(2.72e6, rel=0.02)


def test_elsewhere_the_picture_holds_the_parks_alone(programme: ProgrammeTables) -> None:
    places = [Point(24.0 + i, 60.0 + i / 3) for i in range(4)]
    parks = gpd.GeoDataFrame(
        pd.DataFrame(programme.parks.drop(columns="geometry")), geometry=places, crs="EPSG:4326"
    )
    drawn = country(parks)
    assert drawn.outline == []
    assert drawn.waters == []
    assert len(set(drawn.x)) == 4
    assert all(0 < x < WIDTH for x in drawn.x)
    assert all(0 < y < drawn.height for y in drawn.y)


def test_a_programme_without_parks_or_projects_has_content(programme: ProgrammeTables) -> None:
    empty = replace(
        programme,
        **{
            name: getattr(programme, name).iloc[:0]
            for name in ("parks", "projects", "years", "sectors", "capacities", "lacks")
        },
    )
    content = page_content(empty, language="en", planned=())
    assert content["headline"]["projects"] == 0
    assert content["target"] is None
    assert content["room"] is None
