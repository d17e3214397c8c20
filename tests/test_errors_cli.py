"""Inputs that cannot be used end in one clear message, exit code 2, and nothing written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from .small_park import CRS as CRS_USED
from .small_park import SOUTH_M, WEST_M, box, content, geoplan, write_layer, write_park, zones

PLAN = ("plan", "park.toml", "--out", "out/plan", "-q")


@dataclass(frozen=True)
class Misuse:
    """What a user gets wrong, and what the message must say about it."""

    name: str
    spoil: Callable[[Path], object]
    says: tuple[str, ...]
    arguments: tuple[str, ...] = PLAN


def replace(name: str, old: str, new: str) -> Callable[[Path], object]:
    """Return what replaces text in one of the park's files."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def add(name: str, text: str) -> Callable[[Path], object]:
    """Return what adds text to the end of one of the park's files."""

    def spoil(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return spoil


def as_it_is(folder: Path) -> None:
    """Leave the files alone: the command itself is at fault."""


def header_alone(folder: Path) -> None:
    projects = folder / "projects.csv"
    projects.write_text(projects.read_text(encoding="utf-8").splitlines()[0] + "\n")


def locked_project(folder: Path) -> None:
    header, first, *others = (folder / "projects.csv").read_text(encoding="utf-8").splitlines()
    lines = [f"{header},plot_id", f"{first},P-1", *(f"{other}," for other in others)]
    (folder / "projects.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def linked(near: tuple[str, ...], apart: tuple[str, ...]) -> Callable[[Path], object]:
    """Return what lets projects name others, row by row from the first one on."""

    def spoil(folder: Path) -> None:
        header, *rows = (folder / "projects.csv").read_text(encoding="utf-8").splitlines()
        rows = [
            f"{row},{one},{other}"
            for row, one, other in zip_longest(rows, near, apart, fillvalue="")
        ]
        text = "\n".join([f"{header},near,apart", *rows])
        (folder / "projects.csv").write_text(text + "\n", encoding="utf-8")

    return spoil


NUMBERS = (
    *("area_ha", "area_min_ha", "area_max_ha", "frontage_min_m", "invest_bn_kzt", "jobs"),
    *("power_mw", "water_m3d", "wastewater_m3d", "gas_m3h", "heat_gcalh", "hazard_class"),
    *("start_year", "priority"),
)
WHOLE = ("jobs", "hazard_class", "start_year")


def numbers(cell: str) -> Callable[[Path], object]:
    """Return what writes the same into every column of numbers, one project for each column."""

    def spoil(folder: Path) -> None:
        plain = dict.fromkeys(NUMBERS, "") | {"area_ha": "1"}
        rows = [",".join((plain | {name: cell}).values()) for name in NUMBERS]
        lines = [f"N-{index},{row}" for index, row in enumerate(rows)]
        text = "\n".join([",".join(("project_id", *NUMBERS)), *lines])
        (folder / "projects.csv").write_text(text + "\n", encoding="utf-8")

    return spoil


def endless_list(folder: Path) -> None:
    rows = "\n".join(f"X-{number},1" for number in range(100_001))
    (folder / "projects.csv").write_text(f"project_id,area_ha\n{rows}\n", encoding="utf-8")


def given_plots(*projects: str) -> Callable[[Path], object]:
    """Return what gives six plots of 1 ha beside a street, and a portfolio with locks."""

    def spoil(folder: Path) -> None:
        shapes = [
            box(100 * column, 120 * row, 100 * column + 100, 120 * row + 100)
            for row in (0, 1)
            for column in (0, 1, 2)
        ]
        ids = {"plot_id": ["S-1", "S-2", "S-3", "N-1", "N-2", "N-3"]}
        write_layer(gpd.GeoDataFrame(ids, geometry=shapes, crs=CRS_USED), folder / "plots.geojson")
        line = shapely.LineString([(WEST_M, SOUTH_M + 110), (WEST_M + 500, SOUTH_M + 110)])
        road = {"road_id": ["R"], "class": ["local"]}
        write_layer(gpd.GeoDataFrame(road, geometry=[line], crs=CRS_USED), folder / "roads.geojson")
        replace(
            "park.toml",
            'gates = "gates.geojson"',
            'roads = "roads.geojson"\nplots = "plots.geojson"',
        )(folder)
        add("park.toml", 'mode = "given"\n')(folder)
        (folder / "utilities.csv").write_text("utility_id,kind,capacity\nPW,power_mw,5\n")
        header = "project_id,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,use,power_mw,plot_id"
        (folder / "projects.csv").write_text("\n".join([header, *projects]) + "\n")

    return spoil


def overlapping_zones(folder: Path) -> None:
    frame = zones()
    frame.loc[1, "geometry"] = box(450, 0, 900, 400)
    write_layer(frame, folder / "zones.geojson")


def repeated_zones(folder: Path) -> None:
    write_layer(zones().assign(zone_id="P"), folder / "zones.geojson")


def many_faults_of_one_layer(folder: Path) -> None:
    frame = zones().assign(use=["production", "heavy"], available_year=[26, 2027])
    frame.loc[1, "geometry"] = box(450, 0, 900, 400)
    write_layer(frame, folder / "zones.geojson")


def foreign_folder(folder: Path) -> None:
    (folder / "out" / "plan").mkdir(parents=True)
    (folder / "out" / "plan" / "thesis.docx").write_text("years of work")


CRS = 'crs = "EPSG:32642"'
METRIC = "Name a metric one that fits the place"

MISUSES = (
    Misuse(
        "a file that is not there",
        replace("park.toml", "zones.geojson", "zone.geojson"),
        (
            "zones (zone.geojson)",
            "there is no file 'zone.geojson'",
            "Did you mean 'zones.geojson'?",
        ),
    ),
    Misuse(
        "a column that is not there",
        replace("projects.csv", "area_ha,", "area,"),
        (
            "projects (projects.csv)",
            "there is no column 'area_ha'",
            'write under [columns.projects]: area_ha = "',
        ),
    ),
    Misuse(
        "a mapping of a column that nobody knows",
        add("park.toml", '[columns.projects]\narea_hectare = "area_ha"\n'),
        ("[columns.projects] area_hectare", "no such column", "Did you mean 'area_ha'?"),
    ),
    Misuse(
        "a mapping to a column that the file has not",
        add("park.toml", '[columns.projects]\narea_ha = "Площадь, га"\n'),
        ("projects (projects.csv)", "'Площадь, га', which is not in the file", "Its columns are:"),
    ),
    Misuse(
        "a CRS that is none",
        replace("park.toml", CRS, 'crs = "EPSG:999999"'),
        ("[site] crs", "'EPSG:999999' is no CRS that PROJ knows", "Give an EPSG code"),
    ),
    Misuse(
        "a CRS in degrees",
        replace("park.toml", CRS, 'crs = "EPSG:4326"'),
        ("[site] crs", "'WGS 84' counts in degrees", METRIC),
    ),
    Misuse(
        "Web Mercator",
        replace("park.toml", CRS, 'crs = "EPSG:3857"'),
        ("[site] crs", "Web Mercator", "areas would be", METRIC),
    ),
    Misuse(
        "a metric CRS of another place",
        replace("park.toml", CRS, 'crs = "EPSG:32639"'),
        ("[site] crs", "the zones measure", "on the ellipsoid 36.", "EPSG:32642"),
    ),
    Misuse(
        "project ids that stand twice",
        replace("projects.csv", "A-2,", "A-1,"),
        ("projects (projects.csv) [A-1]", "project_id is not unique", "an id of its own"),
    ),
    Misuse(
        "zone ids that stand twice",
        repeated_zones,
        ("zones (zones.geojson) [P]", "zone_id is not unique", "an id of its own"),
    ),
    Misuse(
        "negative areas",
        replace("projects.csv", "production,2.5,", "production,-2.5,"),
        ("projects (projects.csv) [A-2]", "area_ha must be a finite number above zero", "-2.5"),
    ),
    Misuse(
        "areas that are words",
        replace("projects.csv", "logistics,3,", "logistics,three,"),
        (
            "projects (projects.csv) [A-4]",
            "area_ha is not a number: 'three'",
            "Write plain figures",
        ),
    ),
    Misuse(
        "a least area above the greatest",
        replace("projects.csv", "2.5,2,3,", "2.5,3,2,"),
        ("projects (projects.csv) [A-2]", "area_min_ha is above area_max_ha", "3 / 2.5 / 2 ha"),
    ),
    Misuse(
        "zones that overlap",
        overlapping_zones,
        ("zones (zones.geojson) [P, L]", "zones overlap by 20,00", "Cut the common land"),
    ),
    Misuse(
        "a portfolio without projects",
        header_alone,
        ("projects (projects.csv)", "there are no records", "Name a file"),
    ),
    Misuse(
        "a lock to a plot that is yet to be drawn",
        locked_project,
        ("projects (projects.csv) [A-1]", "plot_id locks projects to plots", 'mode = "given"'),
    ),
    Misuse(
        "a wish to be near somebody unknown",
        linked(("A-9",), ()),
        ("projects (projects.csv) [A-1]", "near names unknown projects: 'A-9'", "Did you mean 'A-"),
    ),
    Misuse(
        "a project near itself",
        linked(("A-1",), ()),
        ("projects (projects.csv) [A-1]", "near names the project itself", "Remove that id"),
    ),
    Misuse(
        "a project apart from itself",
        linked((), ("A-1;A-2",)),
        ("projects (projects.csv) [A-1]", "apart names the project itself", "Remove that id"),
    ),
    Misuse(
        "projects near and apart at once",
        linked(("A-2",), ("A-2",)),
        ("[A-1, A-2]", "both near and apart: A-1 and A-2", "Decide for one of the two"),
    ),
    Misuse(
        "projects near by one row and apart by the other",
        linked(("A-3;A-2",), ("", "A-4;A-1")),
        ("[A-1, A-2]", "both near and apart: A-1 and A-2", "Decide for one of the two"),
    ),
    *(
        Misuse(
            f"{cell} in every column of numbers",
            numbers(cell),
            (
                "14 problems",
                *(f"{name} {of_whole if name in WHOLE else of_any}" for name in NUMBERS),
            ),
        )
        for cell, of_any, of_whole in (
            ("-1", "must be", "must be"),
            ("inf", "must be", "is not a whole number"),
            ("-inf", "must be", "is not a whole number"),
            ("nan", "is not a number", "is not a number"),
        )
    ),
    Misuse(
        "a portfolio without end",
        endless_list,
        ("there are 100,001 projects; one plan takes 100,000 at most", "plan park by park"),
    ),
    Misuse(
        "two projects locked to one plot",
        given_plots("A,1,0.9,1.1,1,,0,S-1", "B,1,0.9,1.1,1,,0,S-1"),
        ("[A, B]", "plot_id 'S-1' is locked by 2 projects", "free it from the others"),
    ),
    Misuse(
        "a distance of wishes that is none",
        add("park.toml", "[allocate]\nnear_m = -1\n"),
        ("park.toml, [allocate] near_m", "greater than or equal to 0", "Correct the value"),
    ),
    Misuse(
        "a setting that nobody knows",
        replace("park.toml", "layouts_max", "layout_max"),
        ("park.toml, [subdivide] layout_max", "unknown setting", "Did you mean 'layouts_max'?"),
    ),
    Misuse(
        "a value out of range",
        replace("park.toml", "layouts_max = 40", "layouts_max = 0"),
        ("park.toml, [subdivide] layouts_max", "greater than or equal to 1", "Correct the value"),
    ),
    Misuse(
        "text that is not TOML",
        replace("park.toml", "[portfolio]", "[portfolio"),
        ("park.toml", "not valid TOML", "line 9", "Mend that line"),
    ),
    Misuse(
        "a scenario that is not there",
        lambda folder: (folder / "park.toml").rename(folder / "my park.toml"),
        ("park.toml", "there is no such file", "Check the path"),
    ),
    Misuse(
        "a folder with files of somebody else",
        foreign_folder,
        ("out/plan", "it is not empty, and geoplan did not write it", "Name an empty or a new"),
    ),
    Misuse(
        "several faults of one layer at once",
        many_faults_of_one_layer,
        (
            "3 problems",
            "zones (zones.geojson) [L]: use must be one of production",
            "zones (zones.geojson) [P]: available_year must be a year between 1900 and 2200",
            "overlap",
        ),
    ),
    Misuse(
        "faults of several files at once",
        lambda folder: (
            overlapping_zones(folder),
            replace("projects.csv", "A-2,", "A-1,")(folder),
            replace("park.toml", "gates.geojson", "gate.geojson")(folder),
        ),
        ("3 problems", "zones (zones.geojson)", "projects (projects.csv)", "gates (gate.geojson)"),
    ),
    Misuse(
        "a command that is none",
        as_it_is,
        ("No such command 'plam'", "Did you mean 'plan'?", "'geoplan -h' shows"),
        ("plam", "park.toml"),
    ),
    Misuse(
        "an option that is none",
        as_it_is,
        ("No such option: --output", "--out", "'geoplan plan -h' shows"),
        ("plan", "park.toml", "--output", "out/plan"),
    ),
    Misuse(
        "no folder to write to",
        as_it_is,
        ("Missing option '--out'", "'geoplan plan -h' shows"),
        ("plan", "park.toml"),
    ),
    Misuse("no command", as_it_is, ("No command is given", "'geoplan -h' shows"), ()),
    Misuse(
        "a folder that holds no plan",
        lambda folder: (folder / "out").mkdir(),
        ("2 problems", "out/manifest.json", "out/plan.gpkg", "'geoplan plan' has written"),
        ("audit", "out", "-q"),
    ),
    Misuse(
        "a new scenario in the place of an old one",
        as_it_is,
        ("park.toml", "it exists already and is left as it is", "Name a new file"),
        ("new", "park.toml", "-q"),
    ),
)


@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: misuse.name)
def test_misuse_ends_in_one_message_and_nothing_written(misuse: Misuse, tmp_path: Path) -> None:
    write_park(tmp_path)
    misuse.spoil(tmp_path)
    before = content(tmp_path)
    ended = geoplan(*misuse.arguments, folder=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("geoplan: ") == 1
    for words in misuse.says:
        assert words in ended.stderr
    assert content(tmp_path) == before


def read_plan(folder: Path) -> tuple[dict[str, dict[str, str]], str]:
    """Plan the park and return its allocation by project, and what the command says."""
    ended = geoplan(*PLAN[:-1], folder=folder)
    assert ended.returncode in (0, 1), ended.stderr
    with (folder / "out" / "plan" / "allocation.csv").open(encoding="utf-8") as file:
        rows = {row["project_id"]: row for row in csv.DictReader(file)}
    return rows, ended.stdout


def test_locks_against_the_rules_are_kept_and_found(tmp_path: Path) -> None:
    write_park(tmp_path)
    given_plots("BIG,5,4,6,4,,0,S-1", "WRONG,1,0.9,1.1,2,logistics,0,S-3", "NEW,1,0.9,1.1,1,,0,")(
        tmp_path
    )
    rows, told = read_plan(tmp_path)
    assert {name: row["plot_ids"] for name, row in rows.items() if name != "NEW"} == {
        "BIG": "S-1",
        "WRONG": "S-3",
    }
    assert rows["NEW"]["status"] == "placed"
    assert "warning: projects BIG: It has 1.0000 ha, and can use 4 to 6 ha. It stays as it" in told
    assert "warning: plots S-3: Project WRONG is for logistics" in told
    assert "Amend the contract or the application, or free the plot." in told
    assert "error:" not in told


def test_of_a_capacity_that_locks_exceed_nobody_else_is_given_any(tmp_path: Path) -> None:
    write_park(tmp_path)
    given_plots(
        "ONE,1,0.9,1.1,4,,3,S-1",
        "TWO,1,0.9,1.1,4,,3,S-3",
        "NEW,1,0.9,1.1,9,,1,",
        "DRY,1,0.9,1.1,1,,0,",
    )(tmp_path)
    rows, told = read_plan(tmp_path)
    placed = {name for name, row in rows.items() if row["status"] == "placed"}
    assert placed == {"ONE", "TWO", "DRY"}
    assert "PW is short of power: 0 of 5 MW is free, and it needs 1 MW" in rows["NEW"]["reason"]
    assert "6 power_mw are drawn, but it has 5." in told
    assert "Those who are locked or stay by contract (ONE, TWO) need 6 of this kind." in told


@pytest.mark.parametrize("wish", ["", "FIX"])
def test_wishes_are_counted_where_any_are_stated_and_else_no_objective(
    wish: str, tmp_path: Path
) -> None:
    write_park(tmp_path)
    given_plots("FIX,1,0.9,1.1,4,,0,S-1", "NEW,1,0.9,1.1,9,,0,", "ALSO,1,0.9,1.1,9,,0,N-2")(
        tmp_path
    )
    text = (tmp_path / "projects.csv").read_text().splitlines()
    lines = [f"{text[0]},near", f"{text[1]},", f"{text[2]},{wish}", f"{text[3]},"]
    (tmp_path / "projects.csv").write_text("\n".join(lines) + "\n")
    rows, _ = read_plan(tmp_path)
    assert rows["NEW"]["status"] == "placed"
    manifest = json.loads((tmp_path / "out" / "plan" / "manifest.json").read_text())
    aims = {stage["aim"]: stage["objective"] for stage in manifest["solver"]}
    assert ("near" in aims) == bool(wish)
    if wish:
        assert aims["near"] == 1.0
