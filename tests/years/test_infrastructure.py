"""Infrastructure: what is refused, from when things are there, what a year earlier moves."""

from __future__ import annotations

from pathlib import Path

import pytest

import geoplan
from geoplan.errors import GeoplanError, Problem
from geoplan.site.infrastructure import brought_forward, steps_of
from tests.years.timed_park import INFRASTRUCTURE, PROJECTS, write_timed

HEADER = INFRASTRUCTURE.splitlines()[0] + "\n"


def problems_of(folder: Path, rows: str) -> list[Problem]:
    """Read a park with other infrastructure, and return what is refused."""
    with pytest.raises(GeoplanError) as refused:
        geoplan.check(write_timed(folder, infrastructure=HEADER + rows))
    return list(refused.value.problems)


def test_layers_are_told_the_latest_year_of_what_serves_them(tmp_path: Path) -> None:
    site = geoplan.check(write_timed(tmp_path))
    zones = site.zones.set_index("zone_id")
    assert zones["available_year"].tolist() == [2026, 2027]
    assert zones.loc["L", "served_by"] == "I-3"
    assert zones.loc["L", "waits_for"] == "I-3 (2027)"
    assert zones["served_by"].isna().tolist() == [True, False]
    power = site.utilities.iloc[0]
    assert power["capacity"] == 10
    assert steps_of(power["capacity_added"]) == [(2027, 6.0, "I-2")]


def test_a_year_before_what_it_depends_on_counts_from_there_and_is_found(tmp_path: Path) -> None:
    late = INFRASTRUCTURE.replace("I-1,Line,,,,2027", "I-1,Line,,,,2029")
    site = geoplan.check(write_timed(tmp_path, infrastructure=late))
    assert site.infrastructure is not None
    assert site.infrastructure.table["effective_year"].tolist() == [2029, 2029, 2029]
    found = [f for f in site.findings if f.rule == "infrastructure year"]
    assert [f.subject for f in found] == ["I-2", "I-3"]
    assert found[0].message == (
        "It is planned for 2027, but depends on I-1 of 2029: it counts from 2029."
    )


def test_a_cycle_is_one_message_that_names_it(tmp_path: Path) -> None:
    rows = "A,,,,,2026,1,C\nB,,,,,2026,1,A\nC,,,,,2026,1,B\nD,,,,,2026,1,A\n"
    (problem,) = problems_of(tmp_path, rows)
    assert problem.ids == ("A", "C", "B")
    assert "A -> C -> B -> A" in problem.cause


def test_who_depends_on_himself_is_a_cycle(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "A,,,,,2026,1,A\n")
    assert "A -> A" in problem.cause


def test_unknown_names_are_told_with_near_ones_all_at_once(tmp_path: Path) -> None:
    rows = "I-1,,L;zone P,,,2026,1,\nI-2,,,PWW,6,2026,1,I-7\n"
    served, added, depends = problems_of(tmp_path, rows)
    assert (served.ids, added.ids, depends.ids) == (("I-1",), ("I-2",), ("I-2",))
    assert "'zone P'" in served.cause
    assert "'PWW'" in added.cause
    assert added.remedy.startswith("Did you mean 'PW'?")
    assert "'I-7'" in depends.cause
    assert depends.remedy.startswith("Did you mean 'I-")


def test_an_id_twice_and_half_a_capacity_are_refused(tmp_path: Path) -> None:
    twice, half = problems_of(tmp_path, "I-1,,,PW,,2026,1,\nI-1,,,,,2027,1,\n")
    assert twice.cause == "infrastructure_id is not unique."
    assert half.cause.startswith("capacity and utility_id go together")


def test_a_window_turned_round_is_refused(tmp_path: Path) -> None:
    turned = PROJECTS.replace("2026,2028,2,contract", "2028,2026,2,contract")
    with pytest.raises(GeoplanError) as refused:
        geoplan.check(write_timed(tmp_path, projects=turned))
    (problem,) = refused.value.problems
    assert problem.ids == ("A-2",)
    assert problem.cause == "start_year is after start_year_max (2028-2026)."


@pytest.mark.parametrize("rate", ["0", "-3.5"])
def test_a_rate_of_nothing_or_less_is_refused(tmp_path: Path, rate: str) -> None:
    extra = f"[targets]\nkzt_per_usd = {rate}\ninflow_bn_usd = {{ 2026 = 0.1 }}\n"
    with pytest.raises(GeoplanError) as refused:
        geoplan.check(write_timed(tmp_path, extra=extra))
    (problem,) = refused.value.problems
    assert problem.where == "park.toml, [targets] kzt_per_usd"


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        ("inflow_bn_usd = { 2026 = 0.1 }", "state the rate as kzt_per_usd"),
        ('kzt_per_usd = 500\ninflow_bn_usd = { "26" = 0.1 }', "these have not: 26"),
    ],
)
def test_targets_without_a_rate_or_with_odd_years_are_refused(
    tmp_path: Path, targets: str, told: str
) -> None:
    with pytest.raises(GeoplanError, match=told):
        geoplan.check(write_timed(tmp_path, extra=f"[targets]\n{targets}\n"))


def test_bringing_one_forward_takes_along_what_waits_for_it(tmp_path: Path) -> None:
    site = geoplan.check(write_timed(tmp_path))
    sooner, moved = brought_forward(site, "I-1")
    assert moved == ["I-1", "I-2", "I-3"]
    assert sooner.zones["available_year"].tolist() == [2026, 2026]
    assert steps_of(sooner.utilities["capacity_added"].iloc[0]) == [(2026, 6.0, "I-2")]
    assert site.zones["available_year"].tolist() == [2026, 2027]


def test_what_depends_on_others_does_not_come_before_them(tmp_path: Path) -> None:
    site = geoplan.check(write_timed(tmp_path))
    sooner, moved = brought_forward(site, "I-2")
    assert moved == []
    assert sooner.utilities["capacity_added"].tolist() == ["2027:6.0:I-2"]


def test_land_along_a_road_waits_for_it(tmp_path: Path) -> None:
    scenario = write_timed(tmp_path)
    road = '{"type": "Feature", "properties": {"road_id": "R", "row_m": 20}, "geometry": %s}'
    line = _line_of(scenario.parent)
    (tmp_path / "roads.geojson").write_text(
        '{"type": "FeatureCollection", "features": [' + road % line + "]}", "utf-8"
    )
    text = scenario.read_text("utf-8")
    scenario.write_text(text.replace("[site]\n", '[site]\nroads = "roads.geojson"\n'), "utf-8")
    rows = INFRASTRUCTURE + "I-4,Road,R,,,2028,1,\n"
    (tmp_path / "infrastructure.csv").write_text(rows, "utf-8")
    plan = geoplan.run(scenario)
    years = plan.plots.loc[plan.plots["zone_id"] == "P", "available_year"]
    assert set(years) == {2026, 2028}
    placed = plan.allocation[plan.allocation["status"] == "placed"].set_index("project_id")
    late = set(plan.plots.loc[plan.plots["available_year"] == 2028, "project_id"].dropna())
    assert all(placed.loc[name, "start_year"] >= 2028 for name in late)
    assert not set(plan.findings.loc[plan.findings["severity"] == "error", "rule"])


def _line_of(folder: Path) -> str:
    """A road along the middle of the production zone, in longitude and latitude."""
    import json

    import geopandas as gpd
    import shapely

    from tests.small_park import CRS, SOUTH_M, WEST_M

    line = shapely.LineString([(WEST_M, SOUTH_M + 200), (WEST_M + 500, SOUTH_M + 200)])
    there = gpd.GeoSeries([line], crs=CRS).to_crs("EPSG:4326").iloc[0]
    return json.dumps(shapely.geometry.mapping(there))
