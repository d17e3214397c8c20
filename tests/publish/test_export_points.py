"""The surveyor's list: X = north, Y = east, centimetres, and the areas that they enclose."""

from __future__ import annotations

import csv
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import rotate, translate

from geoplan import check
from geoplan.publish.exports.points import point_areas, turning_points, write_points

from .hostile import HOSTILE
from .sample import ORIGIN, sample_plan


def with_shapes(*shapes):
    plan = sample_plan()
    plots = plan.plots.iloc[: len(shapes)]
    placed = [translate(shape, *ORIGIN) for shape in shapes]
    geometry = gpd.GeoSeries(placed, index=plots.index, crs=plots.crs)
    plots = plots.set_geometry(geometry).assign(area_ha=geometry.area / 10_000)
    return replace(plan, plots=plots)


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def number(cell):
    return float(cell.replace(",", "."))


def test_the_list_is_as_land_offices_write_it(tmp_path):
    assert write_points(sample_plan(), tmp_path) == ("points.csv", "point_areas.csv", "points.xlsx")
    head, *rows = rows_of(tmp_path / "points.csv")
    assert head == ["Участок", "Контур", "№ точки", "X", "Y"]
    # From the north-west, clockwise; X is north.
    assert rows[:4] == [
        ["B1-S1", "1", "1", "5676090,00", "671000,00"],
        ["B1-S1", "1", "2", "5676090,00", "671200,00"],
        ["B1-S1", "1", "3", "5676000,00", "671200,00"],
        ["B1-S1", "1", "4", "5676000,00", "671000,00"],
    ]
    assert len(rows) == 4 * len(sample_plan().plots)


def test_plots_are_rebuilt_from_the_list(tmp_path):
    plan = with_shapes(rotate(box(0, 0, 200, 90), 33), box(300, 0, 400, 90))
    write_points(plan, tmp_path)
    _, *rows = rows_of(tmp_path / "points.csv")
    for name, shape in zip(plan.plots["plot_id"], plan.plots.geometry, strict=True):
        listed = Polygon([(number(row[4]), number(row[3])) for row in rows if row[0] == name])
        assert shapely.hausdorff_distance(listed, shape) < 0.00708  # half a diagonal of 1 cm


@pytest.mark.parametrize("name", ["points.csv", "points.xlsx|Points"])
def test_geoplan_reads_its_own_list_back(tmp_path, name):
    holed = box(0, 0, 100, 80).difference(box(40, 30, 60, 50))
    plan = with_shapes(rotate(holed, 33), box(300, 0, 400, 90))
    write_points(plan, tmp_path)
    (tmp_path / "park.toml").write_text(
        f'[site]\nname = "again"\ncrs = "EPSG:32642"\nzones = "{name}"\n'
        '[subdivide]\nmode = "grid"\n[columns.zones]\nuse = "=production"\n',
        encoding="utf-8",
    )
    zones = check(tmp_path / "park.toml").zones.set_index("zone_id").geometry
    assert sorted(zones.index) == sorted(plan.plots["plot_id"])
    for plot_id, shape in zip(plan.plots["plot_id"], plan.plots.geometry, strict=True):
        assert shapely.hausdorff_distance(zones[plot_id], shape) < 0.00708


def test_a_hole_is_a_further_contour_and_is_taken_off():
    plan = with_shapes(box(0, 0, 100, 80).difference(box(40, 30, 60, 50)))
    points = turning_points(plan)
    assert points["contour"].tolist() == [1] * 4 + [2] * 4
    assert points["point"].tolist() == [1, 2, 3, 4] * 2
    assert point_areas(plan, points)["area_m2"].tolist() == [7600.0]


def test_areas_are_those_of_the_rounded_points_and_stand_beside_the_plans(tmp_path):
    plan = with_shapes(box(0.004, 0, 100.006, 80))
    write_points(plan, tmp_path)
    head, row = rows_of(tmp_path / "point_areas.csv")
    assert head == ["Участок", "Точек", "Площадь по координатам, м²", "Площадь по плану, м²"]
    assert row == ["B1-S1", "4", "8000,80", "8000,16"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(20, 400), min_size=3, max_size=12),
    st.floats(-0.01, 0.01),
)
def test_whoever_computes_the_area_from_the_list_finds_the_figure(radii, shift):
    turns = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    corners = np.column_stack([np.cos(turns), np.sin(turns)]) * np.array(radii)[:, None] + shift
    plan = with_shapes(Polygon(corners))
    points = turning_points(plan)
    x, y = points["x_m"].to_numpy(), points["y_m"].to_numpy()
    x, y = x - x[0], y - y[0]
    area = abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    assert point_areas(plan, points)["area_m2"][0] == pytest.approx(area, abs=1e-5)
    np.testing.assert_allclose(points["x_m"] * 100, np.rint(points["x_m"] * 100), atol=1e-5)


def test_corners_within_a_centimetre_are_one_point():
    plan = with_shapes(Polygon([(0, 0), (100, 0), (100, 0.001), (100, 80), (0, 80)]))
    assert len(turning_points(plan)) == 4


def test_the_workbook_has_numbers_and_texts_that_run_nothing(tmp_path):
    ids = ['=HYPERLINK("//example.invalid")', "@SUM(1+1)", "+1", "-2", HOSTILE[0], "B2-S2"]
    plan = sample_plan()
    write_points(replace(plan, plots=plan.plots.assign(plot_id=ids)), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "points.xlsx")
    assert book.sheetnames == ["Points", "Areas"]
    head, *rows = book["Points"].iter_rows()
    assert [cell.value for cell in head] == ["Участок", "Контур", "№ точки", "X", "Y"]
    assert [row[0].value for row in rows[::4]] == ids
    assert {row[0].data_type for row in rows} == {"s"}
    assert {cell.data_type for row in rows for cell in row[1:]} == {"n"}
    assert [row[2].value for row in book["Areas"].iter_rows(min_row=2)] == [18_000] * 6
    firsts = [row[0] for row in rows_of(tmp_path / "points.csv")[1::4]]
    assert firsts == [f"'{name}" if name[0] in "=@+-" else name for name in ids]
