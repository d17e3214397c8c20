"""Inputs that cannot be used end in one clear message, exit code 2, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from .small_park import content, geoplan, write_park
from .spoilt_park import (
    NUMBERS,
    WHOLE,
    Misuse,
    add,
    as_it_is,
    endless_list,
    foreign_folder,
    given_plots,
    header_alone,
    linked,
    locked_project,
    many_faults_of_one_layer,
    numbers,
    overlapping_zones,
    repeated_zones,
    replace,
)

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
