"""Given plots merged and split as requests say, or all that is wrong with the requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.config import SubdivideSettings, load_scenario
from geoplan.errors import GeoplanError, Problem
from geoplan.subdivide.regroup import regrouped, relocked
from tests.given_land import box, cadastre, zone_layer

STREET = box(-50, -20, 600, 20)
ZONE = zone_layer([box(-50, -50, 700, 500)])


def row(*ids: str, **columns: Any) -> gpd.GeoDataFrame:
    """Squares of 1 ha side by side, north of the street."""
    return cadastre({name: box(100 * i, 0, 100, 100) for i, name in enumerate(ids)}, **columns)


def asked(plots: gpd.GeoDataFrame, *, zones: Any = ZONE, locks: Any = None, **requests: Any) -> Any:
    wanted = SubdivideSettings(mode="given", **requests)
    return regrouped(plots, zones, STREET, wanted, locks=locks)


def refusals(plots: gpd.GeoDataFrame, **requests: Any) -> list[Problem]:
    with pytest.raises(GeoplanError) as refused:
        asked(plots, **requests)
    return list(refused.value.problems)


def by_id(plots: gpd.GeoDataFrame) -> dict[str, Any]:
    return dict(zip(plots["plot_id"], plots.geometry, strict=True))


def test_without_requests_nothing_changes() -> None:
    plots = row("A", "B")
    assert asked(plots) is plots


def test_merged_plots_become_one_in_the_place_of_the_first() -> None:
    plots = row("X", "A", "B", "Y", area_declared_ha={"A": 1.0, "B": 1.01})
    before = plots.copy(deep=True)
    result = asked(plots, merge_plots=(("B", "A"),))
    assert result["plot_id"].tolist() == ["X", "A+B", "Y"]
    assert shapely.equals(by_id(result)["A+B"], box(100, 0, 200, 100))
    assert result["area_declared_ha"].tolist()[1] == pytest.approx(2.01)
    assert result.dtypes.to_dict() == plots.dtypes.to_dict()
    assert result.crs == plots.crs
    assert_geodataframe_equal(plots, before)
    kept = result.iloc[[0, 2]].reset_index(drop=True)
    assert_geodataframe_equal(kept, plots.iloc[[0, 3]].reset_index(drop=True))


def test_a_merged_plot_is_vacant_and_serviced_only_as_far_as_all_of_it_is() -> None:
    plots = row(
        "A", "B", "C", "D", servicing={"A": "serviced", "B": "planned", "C": "raw"},
        occupation={"A": "derelict"},
    )  # fmt: skip
    result = asked(plots, merge_plots=(("A", "B"), ("C", "D")))
    assert result["servicing"].fillna("-").tolist() == ["planned", "-"]
    assert result["occupation"].tolist() == ["derelict", "vacant"]


def test_three_plots_are_merged_if_they_touch_in_a_chain() -> None:
    result = asked(row("A", "B", "C"), merge_plots=(("A", "C", "B"),))
    assert result["plot_id"].tolist() == ["A+B+C"]
    (problem,) = refusals(row("A", "B", "C"), merge_plots=(("A", "C"),))
    assert "touch" in problem.cause
    assert problem.ids == ("A", "C")


@pytest.mark.parametrize(("shared_m", "touch"), [(0.0, False), (5.5, False), (6.5, True)])
def test_plots_touch_along_a_driveway_at_least(shared_m: float, touch: bool) -> None:
    plots = cadastre({"A": box(0, 0, 100, 100), "B": box(100, 100 - shared_m, 100, 100)})
    if touch:
        assert len(asked(plots, merge_plots=(("A", "B"),))) == 1
    else:
        assert "touch" in refusals(plots, merge_plots=(("A", "B"),))[0].cause


def test_neighbours_need_not_share_their_vertices_and_hair_cracks_are_closed() -> None:
    plots = cadastre({"A": box(0, 0, 99.9997, 70), "B": box(100, 0, 100, 100)})
    result = asked(plots, merge_plots=(("A", "B"),))
    assert result.geometry.iloc[0].geom_type == "Polygon"
    assert result.area.tolist() == pytest.approx([17_000.0], abs=0.2)
    cracked = cadastre({"A": box(0, 0, 99.995, 70), "B": box(100, 0, 100, 100)})
    assert "crack" in refusals(cracked, merge_plots=(("A", "B"),))[0].cause


def test_a_plot_is_split_across_its_front_from_west_to_east_and_keeps_a_rest() -> None:
    plots = row("A", "C", "B", servicing={"C": "raw"}, area_declared_ha={"C": 1.0})
    result = asked(plots, split_plots={"C": (0.3, 0.45)}, frontage_min_m=25.0)
    assert result["plot_id"].tolist() == ["A", "C/1", "C/2", "C/3", "B"]
    expected = [box(100, 0, 30, 100), box(130, 0, 45, 100), box(175, 0, 25, 100)]
    with pytest.raises(GeoplanError, match="part 3"):
        asked(plots, split_plots={"C": (0.3, 0.45)}, frontage_min_m=26.0)
    for shape, wanted in zip(result.geometry[1:4], expected, strict=True):
        assert shapely.hausdorff_distance(shape, wanted) < 1e-6
    assert result["servicing"].tolist()[1:4] == ["raw"] * 3
    assert result["area_declared_ha"].isna().tolist()[1:4] == [True] * 3
    assert result.dtypes.to_dict() == plots.dtypes.to_dict()


def test_areas_that_make_up_the_plot_leave_no_rest_even_if_they_are_rounded() -> None:
    result = asked(row("C"), split_plots={"C": (0.4, 0.59995)})
    assert result["plot_id"].tolist() == ["C/1", "C/2"]
    assert (result.area / 1e4).tolist() == pytest.approx([0.4, 0.6])
    result = asked(row("C"), split_plots={"C": (0.4, 0.60005)})
    assert (result.area / 1e4).tolist() == pytest.approx([0.4, 0.6])


def test_a_corner_plot_is_cut_along_its_longer_street() -> None:
    corner = shapely.union(STREET, box(100, -20, 20, 300))
    settings_ = SubdivideSettings(mode="given", split_plots={"C": (0.5,)})
    plots = cadastre({"C": box(0, 0, 100, 150)})
    result = regrouped(plots, ZONE, corner, settings_)
    assert shapely.hausdorff_distance(result.geometry.iloc[0], box(0, 0, 100, 50)) < 1e-6


def test_where_one_order_leaves_a_part_without_a_front_the_other_is_taken() -> None:
    short = box(0, -20, 60, 20)
    wanted = SubdivideSettings(mode="given", split_plots={"C": (0.6, 0.4)}, frontage_min_m=19)
    result = regrouped(cadastre({"C": box(0, 0, 100, 100)}), ZONE, short, wanted)
    first = by_id(result)["C/1"]
    assert shapely.hausdorff_distance(first, box(40, 0, 60, 100)) < 1e-6


def test_all_that_is_wrong_is_said_at_once_each_with_its_remedy() -> None:
    shapes = {name: box(100 * i, 0, 100, 100) for i, name in enumerate("ABCDEFG")}
    shapes |= {"inland": box(0, 200, 100, 100), "outside": box(9000, 0, 100, 100)}
    plots = cadastre(shapes, market={"C": "sold", "G": "sold"})
    problems = refusals(
        plots,
        locks={"B": ["P"], "F": ["P", "Q"]},
        merge_plots=(("A", "B"), ("D", "C"), ("A", "Ж"), ("E", "inland"), ("outside", "E"), ("D",)),
        split_plots={"F": (0.5,), "G": (0.5,), "E": (0.5, 0.6), "inland": (0.5,), "nix": (0.1,)},
        frontage_min_m=10,
    )
    told = [(p.ids, p.cause) for p in problems]
    for ids, words in [
        (("A", "D", "E", "inland"), "more than once"),
        (("B",), "nor all kept by one project (P)"),
        (("C",), "sold"),
        (("Ж",), "no plot 'Ж'"),
        (("E", "inland"), "touch"),
        (("outside",), "in no zone"),
        (("D",), "two plots or more"),
        (("F",), "kept by project P, Q"),
        (("G",), "sold"),
        (("E",), "1.1000 ha are asked for, and the plot has 1.0000 ha"),
        (("inland",), "no street"),
        (("nix",), "no plot 'nix'"),
    ]:
        assert any(mine == ids and words in cause for mine, cause in told), (ids, words, told)
    assert len(problems) == 12
    assert all(p.remedy and p.where.startswith("[subdivide]") for p in problems)


def test_an_area_that_is_the_whole_plot_splits_nothing() -> None:
    (problem,) = refusals(row("C"), split_plots={"C": (1.0,)})
    assert "whole" in problem.cause


def test_plots_of_two_zones_or_market_states_are_not_merged() -> None:
    zones = zone_layer([box(0, 0, 100, 100), box(100, 0, 100, 100)])
    (problem,) = refusals(row("A", "B"), zones=zones, merge_plots=(("A", "B"),))
    assert "zones" in problem.cause
    plots = row("A", "B", market={"B": "reserved"})
    (problem,) = refusals(plots, merge_plots=(("A", "B"),))
    assert "for sale, reserved" in problem.cause


def test_a_project_that_keeps_all_of_the_plots_keeps_the_merged_one() -> None:
    plots = row("A", "B", "C", market={"A": "sold", "B": "sold"})
    result = asked(plots, locks={"A": ["P"], "B": ["P"]}, merge_plots=(("A", "B"),))
    assert result["project_id"].fillna("").tolist() == ["P", ""]
    projects = pd.DataFrame({"plot_id": pd.Series(["A;B", "C", None, "A+B"], dtype="str")})
    wanted = SubdivideSettings(mode="given", merge_plots=(("A", "B"),))
    assert relocked(projects, wanted)["plot_id"].fillna("").tolist() == ["A+B", "C", "", "A+B"]
    for locks in ({"A": ["P"]}, {"A": ["P"], "B": ["Q"]}, {"A": ["P"], "B": ["P"], "A+B": ["Q"]}):
        (problem, *_) = refusals(plots, locks=locks, merge_plots=(("A", "B"),))
        assert "one project" in problem.cause


def test_a_lock_may_name_a_new_plot_but_not_one_that_there_is_not() -> None:
    request = {"split_plots": {"C": (0.4,)}}
    assert len(asked(row("C"), locks={"C/2": ["P"]}, **request)) == 2
    (problem,) = refusals(row("C"), locks={"C/3": ["P"]}, **request)
    assert (problem.where, problem.ids) == ("projects", ("P",))


def test_a_new_id_that_is_taken_is_refused() -> None:
    for plots, request in (
        (row("A", "B", "A+B"), {"merge_plots": (("A", "B"),)}),
        (row("A+B", "C", "A", "B+C", "D"), {"merge_plots": (("A+B", "C"), ("A", "B+C"))}),
        (row("C", "C/1"), {"split_plots": {"C": (0.5,)}}),
    ):
        assert any("ids that others have" in p.cause for p in refusals(plots, **request))


HOSTILE = ['"', "\\", "\n", "]", "a = 1", "Участок №1", "{{ 7*7 }}", "\x7f", "🏭", "A/1", "B+C"]


def test_a_leaning_plot_is_cut_as_it_leans_where_upright_cuts_leave_no_front() -> None:
    plot = shapely.affinity.skew(box(0, 0, 60, 100), 40, origin=(672_000, 5_677_000))
    plots = cadastre({"C": plot})
    result = asked(plots, split_plots={"C": (0.2, 0.3)}, frontage_min_m=9.9)
    wanted = shapely.affinity.skew(box(0, 0, 20, 100), 40, origin=(672_000, 5_677_000))
    assert shapely.hausdorff_distance(by_id(result)["C/1"], wanted) < 1e-6


@pytest.mark.parametrize("name", HOSTILE)
def test_any_id_can_be_merged_and_split(name: str) -> None:
    assert len(asked(row(name, "other"), merge_plots=((name, "other"),))) == 1
    result = asked(row(name), split_plots={name: (0.5,)})
    assert result["plot_id"].tolist() == [f"{name}/1", f"{name}/2"]


@given(
    corners=st.tuples(*[st.floats(40, 200)] * 3, st.just(0.0) | st.floats(-60, 60)),
    shares=st.lists(st.floats(0.1, 1.0), min_size=2, max_size=5),
    rest=st.booleans(),
    turn=st.floats(0, 360),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_parts_have_their_areas_and_are_the_plot_without_overlap(
    corners: tuple[float, ...], shares: list[float], rest: bool, turn: float
) -> None:
    width, left, right, lean = corners
    plot = shapely.Polygon([(0, 0), (width, 0), (width + lean, right), (lean, left)])
    plot, land = (
        shapely.affinity.translate(
            shapely.affinity.rotate(shape, turn, origin=(0, 0)), 672_000, 5_677_000
        )
        for shape in (plot, shapely.box(-500, -20, 500, 0))
    )
    area_ha = plot.area / 1e4
    areas = (np.array(shares) / sum(shares) * area_ha).tolist()
    zones = zone_layer([plot.buffer(500)])
    wanted = SubdivideSettings(
        mode="given", split_plots={"C": areas[:-1] if rest else areas}, frontage_min_m=0.5
    )
    try:
        parts = regrouped(cadastre({"C": plot}), zones, land, wanted)
    except GeoplanError:
        if lean == 0:
            raise
        return  # of a plot that leans over, an end part may have no front, whichever way it is cut
    assert (parts.area / 1e4).tolist() == pytest.approx(areas, rel=1e-6, abs=1e-7)
    shapes = np.asarray(parts.geometry.array)
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapely.symmetric_difference(shapely.union_all(shapes), plot)) < 1e-4
    assert shapely.coverage_is_valid(shapes, gap_width=0)
    street = shapely.buffer(land, 0.01)
    assert (shapely.length(shapely.intersection(shapely.boundary(shapes), street)) >= 0.5).all()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('merge_plots = [["A", "B"]]', "merge_plots"),
        ('split_plots = { "C" = [1.0] }', "split_plots"),
        ("merge_plots_max = 2", "merge_plots_max"),
    ],
)
def test_regrouping_is_for_given_plots_only(tmp_path: Path, line: str, name: str) -> None:
    path = tmp_path / "park.toml"
    head = '[site]\ncrs = "EPSG:32642"\nzones = "z.gpkg"\nplots = "p.gpkg"\n[subdivide]\n'
    path.write_text(f'{head}mode = "given"\n{line}\n', encoding="utf-8")
    assert getattr(load_scenario(path).subdivide, name) != getattr(SubdivideSettings(), name)
    path.write_text(f'{head}mode = "grid"\n{line}\n', encoding="utf-8")
    with pytest.raises(GeoplanError, match=rf"\[subdivide\] {name}: mode 'grid' draws plots"):
        load_scenario(path)
