"""Inputs made to fill memory or disks are refused, in bounded time and memory."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from .warm import Warm

MEMORY_BYTES = 4 << 30
SECONDS = 20.0
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'


@pytest.fixture
def work(planned: Path, tmp_path: Path) -> Path:
    """Return a folder with the park."""
    return Path(shutil.copytree(planned, tmp_path / "work"))


def refused(commands: Warm, work: Path, key: str, name: str) -> str:
    """Read a file as zones or as projects; return what is said against it."""
    scenario = work / "park.toml"
    usual = {"zones": "zones.geojson", "projects": "projects.csv"}[key]
    scenario.write_text(scenario.read_text().replace(usual, name))
    start = time.monotonic()
    ended = commands.run("check", "park.toml", "-q", folder=work, memory_bytes=MEMORY_BYTES)
    assert time.monotonic() - start < SECONDS
    assert ended.returncode == 2, ended
    assert ended.stderr.count("geoplan: ") == 1
    assert "Traceback" not in ended.stderr
    assert f"{key} ({name}" in ended.stderr
    return ended.stderr


def packed(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("suffix", ["xlsx", "ods", "zip", "kmz"])
@pytest.mark.parametrize("key", ["zones", "projects"])
def test_bombs_of_zeros(key: str, suffix: str, commands: Warm, work: Path) -> None:
    packed(work / f"bomb.{suffix}", {"xl/worksheets/sheet1.xml": bytes(200 << 20)})
    said = refused(commands, work, key, f"bomb.{suffix}")
    unknown = key == "projects" and suffix in {"zip", "kmz"}
    assert ("no table format" if unknown else "claims to unpack to") in said


def test_an_archive_that_claims_less_than_it_holds(commands: Warm, work: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zones.geojson", bytes(100 << 20))
    content = stream.getvalue().replace(
        (100 << 20).to_bytes(4, "little"), (99).to_bytes(4, "little")
    )
    (work / "liar.zip").write_bytes(content)
    refused(commands, work, "zones", "liar.zip")


def test_names_that_stand_twice_in_an_archive(commands: Warm, work: Path) -> None:
    with zipfile.ZipFile(work / "twice.zip", "w") as archive:
        archive.writestr("zones.geojson", (work / "zones.geojson").read_bytes())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("zones.geojson", b"{}")
    assert "twice" in refused(commands, work, "zones", "twice.zip")


def test_an_archive_within_an_archive(commands: Warm, work: Path) -> None:
    packed(work / "inner.zip", {"zones.geojson": (work / "zones.geojson").read_bytes()})
    packed(work / "outer.zip", {"inner.zip": (work / "inner.zip").read_bytes()})
    assert "the archive has no layer" in refused(commands, work, "zones", "outer.zip")


@pytest.mark.parametrize("key", ["zones", "projects"])
def test_a_list_of_ten_gigabytes(key: str, commands: Warm, work: Path) -> None:
    with (work / "vast.csv").open("wb") as file:
        file.write(b"project_id,area_ha\n")
        file.truncate(10 << 30)
    assert "10,737,418,240 bytes" in refused(commands, work, key, "vast.csv")


@pytest.mark.parametrize("key", ["zones", "projects"])
def test_a_table_that_fits_no_memory(key: str, commands: Warm, work: Path) -> None:
    with (work / "large.csv").open("wb") as file:
        file.truncate(300 << 20)
    assert "314,572,800 bytes, more than" in refused(commands, work, key, "large.csv")


@pytest.mark.parametrize(
    ("key", "name"), [("zones", "deep.geojson"), ("zones", "deep.json"), ("projects", "deep.json")]
)
def test_a_million_brackets(key: str, name: str, commands: Warm, work: Path) -> None:
    rings = "[" * 1_000_000
    feature = f'{{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": {rings}'
    head = f'{{"type": "FeatureCollection", "features": [{feature}'
    (work / name).write_text(head if key == "zones" else rings)
    refused(commands, work, key, name)


@pytest.mark.parametrize(
    ("key", "name"), [("zones", "l.kml"), ("zones", "l.gml"), ("projects", "l.ods"),
                      ("projects", "l.xlsx")]
)  # fmt: skip
def test_a_billion_laughs(key: str, name: str, commands: Warm, work: Path) -> None:
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&l11;</name></Placemark></kml>'
    if name.endswith(("kml", "gml")):
        (work / name).write_text(DOCTYPE + kml)
    else:
        ods = (
            "<office:document-content"
            ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
            ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
            ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
            '<office:spreadsheet><table:table table:name="a"><table:table-row><table:table-cell>'
            "<text:p>&l11;</text:p></table:table-cell></table:table-row></table:table>"
            "</office:spreadsheet></office:body></office:document-content>"
        )
        sheet = (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<sheetData><row r="1"><c r="A1" t="str"><v>&l11;</v></c></row></sheetData></worksheet>'
        )
        main = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        packed(
            work / name,
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": (DOCTYPE + ods).encode(),
                "[Content_Types].xml": b"<Types/>",
                "xl/workbook.xml": (
                    f'<workbook xmlns:r="{main}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/>'
                    "</sheets></workbook>"
                ).encode(),
                "xl/_rels/workbook.xml.rels": (
                    f'<Relationships><Relationship Id="rId1" Type="{main}/worksheet"'
                    ' Target="worksheets/sheet1.xml"/></Relationships>'
                ).encode(),
                "xl/worksheets/sheet1.xml": (DOCTYPE + sheet).encode(),
            },
        )
    refused(commands, work, key, name)
