"""Inputs that cannot be used end in one clear message, exit code 2, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from .small_park import box, content, geoplan, write_layer, write_park, zones

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
