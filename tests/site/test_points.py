"""Surveyors' lists of points: what they are taken for, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.site import Site
from geoplan.site.points import meanings, names_points
from tests.site.conftest import CRS, EAST, NORTH, Park, at, block, frame, only, zones

# The 409 ha outline inside Astana as a surveyor lists it: X north, Y east, zone 12 before it.
OUTLINE = """№ точки;X;Y
1;5678374,60;12672226,86
2;5678807,88;12674102,22
3;5679434,27;12674471,04
4;5680438,23;12674089,39
5;5680574,77;12673375,25
6;5680218,14;12673064,04
7;5680131,38;12672016,61
8;5679347,23;12671742,72
"""
CORNERS = [(0, 0), (200, 0), (200, 100), (0, 100)]
HOLE = [(50, 20), (100, 20), (100, 60), (50, 60)]


def listed(park: Park, text: str, name: str = "list.csv", encoding: str = "utf-8") -> None:
    (park.folder / name).write_bytes(text.encode(encoding))
    park.site["zones"] = name
    park.columns.setdefault("zones", {})["use"] = "=production"


def rows(points: list[tuple[float, float]], *before: str) -> str:
    """Points as `number; north; east` after what stands `before` them in each row."""
    lines = [
        ";".join([*before, str(number), f"{NORTH + y:.2f}", f"{EAST + x:.2f}"])
        for number, (x, y) in enumerate(points, 1)
    ]
    return "\n".join(lines) + "\n"


def messages(site: Site, rule: str) -> str:
    return only(site.findings, rule).message


@pytest.mark.parametrize("crs", ["EPSG:32642", "EPSG:28412"])
def test_a_surveyors_list_is_the_land_it_describes(park: Park, crs: str) -> None:
    park.site["crs"] = crs
    listed(park, OUTLINE, encoding="cp1251")
    site = park.read()
    (zone,) = site.zones.geometry
    numbers = [line.replace(",", ".").split(";")[1:] for line in OUTLINE.splitlines()[1:]]
    points = [shapely.Point(float(east), float(north)) for north, east in numbers]
    meant = gpd.GeoSeries([shapely.Polygon(points)], crs="EPSG:28412").to_crs(crs)
    assert shapely.hausdorff_distance(zone, meant.iloc[0]) < 0.001
    assert zone.area == pytest.approx(4.09e6, rel=0.005)
    assert site.zones["zone_id"].tolist() == ["list"]
    order = messages(site, "axis-order")
    assert "'X' was read as north and 'Y' as east" in order
    assert "Pulkovo 1942 / Gauss-Kruger zone 12" in order
    assert ("begin with the zone's number 12" in order) is (crs == "EPSG:32642")
    assert "8 points were joined to 1 zones: list" in messages(site, "points-joined")


@pytest.mark.parametrize(
    ("header", "exchanged"),
    [
        ("Точка;X;Y", False),
        ("№;Х, м;У, м", False),  # Cyrillic letters that look Latin
        ("Нүкте;солтүстік;шығыс", False),
        ("Point;Northing;Easting", False),
        ("Point;Easting (X);Northing (Y)", True),
        ("N;X;Y", True),
    ],
)
def test_headers_or_ranges_tell_north_from_east(park: Park, header: str, exchanged: bool) -> None:
    points = [(y + NORTH - EAST, x - NORTH + EAST) if exchanged else (x, y) for x, y in CORNERS]
    listed(park, f"{header}\n{rows(points)}")
    (zone,) = park.read().zones.geometry
    assert zone.equals(block(0, 0))


def test_headers_that_contradict_the_figures_are_refused(park: Park) -> None:
    listed(park, f"Point;Easting;Northing\n{rows(CORNERS)}")
    problem = park.problem()
    assert "Taken the other way round, they would." in problem.cause
    assert "Exchange the headers 'Northing' and 'Easting'" in problem.remedy


def test_points_that_contradict_the_others_are_refused_with_their_records(park: Park) -> None:
    listed(park, OUTLINE.replace("4;5680438,23;12674089,39", "4;12674089,39;5680438,23"))
    problem = park.problem()
    assert problem.ids == ("record 4",)
    assert "do not lie with the others" in problem.cause


def test_another_zones_prefix_is_refused(park: Park) -> None:
    listed(park, OUTLINE.replace(";126", ";156"))
    problem = park.problem()
    assert "do not lie where 'WGS 84 / UTM zone 42N' is used" in problem.cause
    assert "they are in zone 15: EPSG:28415" in problem.remedy


def test_coordinates_that_are_no_numbers_are_refused_with_their_records(park: Park) -> None:
    listed(park, OUTLINE.replace("5678807,88", "51°07'30\"").replace("12674089,39", ""))
    problem = park.problem()
    assert problem.ids == ("record 2", "record 4")
    assert "51°07'30\"; 12674102,22" in problem.cause


def test_figures_beyond_all_bounds_are_refused_with_their_records(park: Park) -> None:
    listed(park, OUTLINE.replace("5678374,60", "9" * 400))
    assert park.problem().ids == ("record 1",)


def test_a_row_that_counts_the_columns_is_left_out_and_said(park: Park) -> None:
    listed(park, OUTLINE.replace("X;Y\n", "X;Y\n1;2;3\n"))
    site = park.read()
    assert site.zones.area.sum() == pytest.approx(4.09e6, rel=0.005)
    assert "counts the columns" in messages(site, "column-numbers")


def test_plots_contours_and_holes_are_told_apart(park: Park) -> None:
    text = "Участок;Контур;Точка;X;Y\n"
    text += rows([*CORNERS, CORNERS[0]], "A", "1").replace(";5;", ";1;") + rows(HOLE, "A", "2")
    text += rows([(x + 300, y) for x, y in CORNERS], "B", "1")
    text += rows([(x + 600, y) for x, y in CORNERS], "B", "2")
    listed(park, text)
    site = park.read()
    hole = block(50, 20, 50, 40)
    a, b = site.zones.geometry
    assert site.zones["zone_id"].tolist() == ["A", "B"]
    assert a.equals(block(0, 0) - hole)
    assert b.equals(block(300, 0) | block(600, 0))
    assert messages(site, "contour-holes") == "A: contours within another were taken as holes: 2."


def test_contours_without_plots_are_land_of_their_own_unless_one_holds_them(park: Park) -> None:
    text = "Контур;Точка;X;Y\n" + rows(CORNERS, "1") + rows(HOLE, "2")
    listed(park, text + rows([(x + 300, y) for x, y in CORNERS], "3"))
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["1", "3"]
    assert site.zones.area.tolist() == pytest.approx([18_000, 20_000])


def test_a_contour_ends_where_its_first_point_is_repeated(park: Park) -> None:
    listed(
        park,
        "Участок;X;Y\n"
        + "".join(
            f"A;{line.split(';', 1)[1]}\n"
            for line in (rows([*CORNERS, CORNERS[0]]) + rows([*HOLE, HOLE[0]])).splitlines()
        ),
    )
    (zone,) = park.read().zones.geometry
    assert zone.equals(block(0, 0) - block(50, 20, 50, 40))


def test_titles_between_points_name_the_plots(park: Park) -> None:
    text = "Каталог координат;;\n№;X;Y\nУчасток 1;;\n" + rows(CORNERS)
    listed(park, text + "Участок 2;;\n" + rows([(x + 300, y) for x, y in CORNERS]))
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["Участок 1", "Участок 2"]
    assert "'Участок 1', 'Участок 2'" in messages(site, "list-titles")
    assert "row 2" in messages(site, "header-row")


def test_land_above_the_first_title_stays_apart_from_the_land_below(park: Park) -> None:
    text = "№;X;Y\n" + rows(CORNERS) + "Участок 2;;\n"
    listed(park, text + rows([(x + 300, y) for x, y in CORNERS]) + "Исполнитель: отдел;;\n")
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["list", "Участок 2"]
    assert site.zones.area.tolist() == pytest.approx([20_000, 20_000])


def test_notes_below_all_points_name_nothing(park: Park) -> None:
    listed(park, OUTLINE + "Площадь 409 га;;\n")
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["list"]
    assert "read as notes: 'Площадь 409 га'" in messages(site, "list-titles")


def test_a_workbook_with_notes_is_read_like_the_text(park: Park) -> None:
    table = [["Каталог координат", None, None], ["Система СК-42", None, None]]
    table += [line.replace(",", ".").split(";") for line in OUTLINE.splitlines()]
    pd.DataFrame(table).to_excel(park.folder / "list.xlsx", header=False, index=False)
    park.site["zones"] = "list.xlsx"
    park.columns["zones"] = {"use": "=logistics"}
    site = park.read()
    assert site.zones.area.sum() == pytest.approx(4.09e6, rel=0.005)
    assert site.zones["use"].tolist() == ["logistics"]
    header = messages(site, "header-row")
    assert header.startswith("the header stands in row 3; above it: 'Каталог координат'")


def test_other_columns_come_along_when_a_plot_has_one_value(park: Park) -> None:
    lines = rows(CORNERS, "A").splitlines()
    text = "zone_id;Точка;X;Y;use;hazard_max;Длина\n"
    listed(
        park,
        text + "\n".join(f"{line};services;{'3' * (n == 0)};{n}" for n, line in enumerate(lines)),
    )
    park.columns = {}
    site = park.read()
    assert site.zones[["zone_id", "use", "hazard_max"]].to_numpy().tolist() == [
        ["A", "services", 3]
    ]
    assert messages(site, "extra-columns") == "columns not used: Длина."


def test_a_plot_with_two_values_is_refused(park: Park) -> None:
    text = "zone_id;Точка;X;Y;use\n"
    uses = ["services", "green", "green", "green"]
    lines = zip(rows(CORNERS, "A").splitlines(), uses, strict=True)
    listed(park, text + "\n".join(f"{line};{use}" for line, use in lines))
    park.columns = {}
    assert "change within one record of several points: use" in park.problem().cause


def test_a_contour_of_two_points_is_refused(park: Park) -> None:
    listed(park, "zone_id;Точка;X;Y\n" + rows(CORNERS, "A") + rows(CORNERS[:2], "B"))
    problem = park.problem()
    assert problem.ids == ("B: record 5", "B: record 6")


def test_contours_that_cross_are_refused(park: Park) -> None:
    text = "Участок;Контур;Точка;X;Y\n" + rows(CORNERS, "A", "1")
    listed(park, text + rows([(x + 50, y + 50) for x, y in CORNERS], "A", "2"))
    problem = park.problem()
    assert problem.ids == ("A",)
    assert "contour '2' crosses" in problem.cause


def test_a_number_that_stands_for_two_places_is_refused(park: Park) -> None:
    listed(park, OUTLINE.replace("\n5;", "\n4;"))
    problem = park.problem()
    assert problem.ids == ("list: record 4", "list: record 5")
    assert "number twice (4)" in problem.cause


def test_numbers_out_of_order_are_reported_and_the_files_order_is_kept(park: Park) -> None:
    text = OUTLINE
    for before, after in (("\n2;", "\n20;"), ("\n5;", "\n50;")):
        text = text.replace(before, after)
    listed(park, text)
    site = park.read()
    assert only(site.findings, "point-order").severity == "warning"
    assert site.zones.area.sum() == pytest.approx(4.09e6, rel=0.005)


def test_degrees_are_read_where_the_headers_say_so(park: Park) -> None:
    degrees = gpd.GeoSeries([block(0, 0)], crs=CRS).to_crs("EPSG:4326").iloc[0]
    lines = [f"{n};{lat:.9f};{lon:.9f}" for n, (lon, lat) in enumerate(degrees.exterior.coords)]
    listed(park, "№;Широта;Долгота\n" + "\n".join(lines[:-1]))
    site = park.read()
    assert shapely.hausdorff_distance(site.zones.geometry.iloc[0], block(0, 0)) < 0.001
    assert "'WGS 84'" in messages(site, "axis-order")


def test_a_list_gives_points_and_lines_where_the_layer_has_them(park: Park) -> None:
    (park.folder / "gates.csv").write_text(
        "gate_id;kind;X;Y\n" + f"N;road;{NORTH};{EAST}\nS;road;{NORTH};{EAST + 50}\n"
    )
    (park.folder / "roads.csv").write_text(
        "road_id;class;X;Y\n" + f"R;main;{NORTH + 50};{EAST}\nR;main;{NORTH + 50};{EAST + 400}\n"
    )
    park.site |= {"gates": "gates.csv", "roads": "roads.csv"}
    site = park.read()
    assert site.gates.geometry.tolist() == [shapely.Point(p) for p in at((0, 0), (50, 0))]
    (road,) = site.roads.geometry
    assert road.equals(shapely.LineString(at((0, 50), (400, 50))))
    assert site.roads["class"].tolist() == ["main"]


def test_coordinates_in_two_systems_need_one_named(park: Park) -> None:
    text = "№;X СК-42;Y СК-42;X местная;Y местная\n"
    text += "\n".join(f"{line};1;2" for line in rows(CORNERS).splitlines())
    listed(park, text)
    problem = park.problem()
    assert "several columns: X СК-42, X местная, Y СК-42, Y местная" in problem.cause
    park.columns["zones"] |= {"north": "X СК-42", "east": "Y СК-42"}
    assert park.read().zones.area.tolist() == pytest.approx([20_000])


def test_roles_of_lists_are_refused_for_other_files(park: Park) -> None:
    park.layer("zones", zones())
    park.columns = {"zones": {"north": "X"}}
    assert "is for lists of points" in park.problem().cause


def test_a_table_without_coordinates_is_a_layer_without_geometry(park: Park) -> None:
    path = park.folder / "utilities.csv"
    path.write_text("utility_id;kind;capacity\nU;power_mw;9,5\n", encoding="utf-8")
    park.site["utilities"] = path.name
    utilities = park.read().utilities
    assert utilities["capacity"].tolist() == [9.5]
    assert utilities.geometry.isna().all()


def test_a_table_with_wkt_is_read_as_before(park: Park) -> None:
    rows_ = zones()
    text = "zone_id,use,WKT\n" + "\n".join(
        f'{row.zone_id},{row.use},"{row.geometry.wkt}"' for row in rows_.itertuples()
    )
    (park.folder / "zones.csv").write_text(text)
    park.site["zones"] = "zones.csv"
    assert park.read().zones.area.tolist() == pytest.approx([20_000, 20_000])


def test_what_headers_mean() -> None:
    assert meanings("Координата У, м") == {"y"}
    assert meanings("Северная координата") == {"north"}
    assert names_points(["№", "X", "Y"]) == 3
    assert names_points(["№", "X"]) == 0


def test_a_constant_is_given_to_all_records_and_reported(park: Park) -> None:
    park.layer("zones", frame([block(0, 0)], zone_id=["A"]))
    park.columns = {"zones": {"use": "=green"}}
    site = park.read()
    assert site.zones["use"].tolist() == ["green"]
    assert messages(site, "constant-columns") == "the scenario gives all records use = 'green'."


@settings(max_examples=15, deadline=None)
@given(
    corners=st.lists(
        st.tuples(st.integers(3, 40), st.integers(0, 20)), min_size=1, max_size=6, unique=True
    ),
    prefixed=st.booleans(),
    closed=st.booleans(),
    north_first=st.booleans(),
    comma=st.booleans(),
)
def test_land_listed_in_any_manner_is_the_same_land(
    tmp_path_factory: pytest.TempPathFactory,
    corners: list[tuple[int, int]],
    prefixed: bool,
    closed: bool,
    north_first: bool,
    comma: bool,
) -> None:
    park = Park(tmp_path_factory.mktemp("park"))
    park.site["crs"] = "EPSG:28412"
    false_east = 12_000_000 if prefixed else 0
    if not prefixed:  # the same grid without the zone's number
        park.site["crs"] = "+proj=tmerc +lat_0=0 +lon_0=69 +k=1 +x_0=500000 +ellps=krass +units=m"
    meant, lines = [], ["Участок;Точка;X;Y"]
    for name, (width, shift) in enumerate(corners):
        west, south = 672_000 + 600 * name + shift / 4, 5_678_000 + shift / 8
        outline = shapely.box(west, south, west + 10 * width, south + 5 * width)
        meant.append(outline.area)
        for number, (x, y) in enumerate(outline.exterior.coords[: 5 if closed else 4]):
            pair = (y, x + false_east) if north_first else (x + false_east, y)
            text = ";".join(f"{value:.3f}" for value in pair)
            lines.append(f"{name};{number % 4 + 1};{text.replace('.', ',') if comma else text}")
    if not prefixed and not north_first:
        lines[0] = "Участок;Точка;Восток;Север"  # nothing else could tell in a grid of one's own
    listed(park, "\n".join(lines))
    site = park.read()
    assert site.zones["zone_id"].tolist() == [str(n) for n in range(len(corners))]
    assert site.zones.area.tolist() == pytest.approx(meant, abs=0.01)
    assert site.zones.total_bounds[1] == pytest.approx(5_678_000, abs=3)
