"""KML, GeoParquet and archives, as land offices send them by mail."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geoplan.site import archives
from tests.site.conftest import CRS, Park, block, frame, only, zones


def packed(park: Park, *names: str, into: str = "zones.zip") -> Path:
    path = park.folder / into
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(park.folder / name, name)
    park.site["zones"] = into
    return path


def shapefile(park: Park, stem: str = "zones") -> list[str]:
    zones(name=["Завод", "Склад"]).to_file(park.folder / f"{stem}.shp", encoding="utf-8")
    return sorted(part.name for part in park.folder.glob(f"{stem}.*"))


@pytest.mark.parametrize("suffix", [".kml", ".kmz"])
def test_kml_is_read_with_its_names(park: Park, suffix: str) -> None:
    rows = zones().rename(columns={"zone_id": "Name"}).to_crs("EPSG:4326")
    path = park.folder / f"zones{suffix}"
    rows.to_file(path, driver="LIBKML", engine="pyogrio")
    park.site["zones"] = path.name
    park.columns = {"zones": {"zone_id": "Name"}}
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["A", "B"]
    apart = shapely.hausdorff_distance(site.zones.geometry.to_numpy(), zones().geometry.to_numpy())
    assert apart.max() < 0.01


def test_geoparquet_is_a_layer_like_any_other(park: Park, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests need no pyarrow: what geopandas would return stands for its file.
    moved = zones().to_crs("EPSG:28412")
    monkeypatch.setattr(gpd, "read_parquet", lambda path: moved if path.exists() else None)
    (park.folder / "zones.parquet").write_bytes(b"")
    park.site["zones"] = "zones.parquet"
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["A", "B"]
    assert site.zones.area.tolist() == pytest.approx([20_000, 20_000], rel=1e-6)


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (ImportError("pyarrow"), "needs pyarrow", "GeoPackage"),
        (ValueError("Missing geo metadata"), "(Missing geo metadata)", "geometry column"),
    ],
)
def test_geoparquet_that_cannot_be_read_is_refused_in_words(
    park: Park, monkeypatch: pytest.MonkeyPatch, error: Exception, cause: str, remedy: str
) -> None:
    def failing(_path: Path) -> gpd.GeoDataFrame:
        raise error

    monkeypatch.setattr(gpd, "read_parquet", failing)
    (park.folder / "zones.parquet").write_bytes(b"")
    park.site["zones"] = "zones.parquet"
    problem = park.problem()
    assert cause in problem.cause
    assert remedy in problem.remedy


def test_a_zipped_shapefile_is_read_with_its_letters_and_cut_names(park: Park) -> None:
    packed(park, *shapefile(park))
    site = park.read()
    assert site.zones["name"].tolist() == ["Завод", "Склад"]
    assert only(site.findings, "archive-file").message.startswith("'zones.shp'")
    exclusion = frame([block(0, 0)], exclusion_=["X"])
    exclusion.to_file(park.folder / "water.shp")
    packed(park, *sorted(p.name for p in park.folder.glob("water.*")), into="water.zip")
    park.site |= {"zones": "zones.zip", "exclusions": "water.zip"}
    assert park.read().exclusions["exclusion_id"].tolist() == ["X"]


def test_a_zipped_shapefile_in_cp1251_without_prj_is_read_and_both_are_said(park: Park) -> None:
    shapefile(park)
    zones(name=["Завод", "Склад"]).to_file(park.folder / "zones.shp", encoding="cp1251")
    for suffix in (".cpg", ".prj"):
        (park.folder / f"zones{suffix}").unlink()
    packed(park, *sorted(p.name for p in park.folder.glob("zones.???")))
    site = park.read()
    assert site.zones["name"].tolist() == ["Завод", "Склад"]
    assert sorted(f.rule for f in site.findings) == [
        "archive-file",
        "crs-assumed",
        "shapefile-encoding",
    ]


def test_a_zipped_file_geodatabase_is_read(park: Park) -> None:
    zones().to_file(park.folder / "park.gdb", driver="OpenFileGDB", engine="pyogrio", layer="land")
    folder = park.folder / "park.gdb"
    packed(park, *sorted(f"park.gdb/{part.name}" for part in folder.iterdir()))
    assert park.read().zones["zone_id"].tolist() == ["A", "B"]


def test_one_file_of_several_is_picked_after_a_bar(park: Park) -> None:
    packed(park, *shapefile(park), *shapefile(park, "other"))
    problem = park.problem()
    assert "other.shp, zones.shp" in problem.cause
    assert '"zones.zip|other.shp"' in problem.remedy
    park.site["zones"] = "zones.zip|zones"
    assert len(park.read().zones) == 2
    park.site["zones"] = "zones.zip|zonez.shp"
    assert "Did you mean 'zones.shp'?" in park.problem().remedy


@pytest.mark.parametrize("name", ["../zones.shp", "/etc/zones.shp", "C:/zones.shp", "a\\..\\b.shp"])
def test_paths_that_leave_the_archive_are_refused(park: Park, name: str) -> None:
    with zipfile.ZipFile(park.folder / "zones.zip", "w") as archive:
        archive.writestr(name, b"x")
    park.site["zones"] = "zones.zip"
    problem = park.problem()
    assert "outside the archive's folder" in problem.cause
    assert not (park.folder.parent / "zones.shp").exists()


def test_links_in_archives_are_refused(park: Park) -> None:
    link = zipfile.ZipInfo("zones.shp")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(park.folder / "zones.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    park.site["zones"] = "zones.zip"
    assert "outside the archive's folder" in park.problem().cause


@pytest.mark.parametrize("name", ["zones.zip", "zones.kmz"])
def test_bombs_are_refused_unopened(park: Park, name: str) -> None:
    with zipfile.ZipFile(park.folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", bytes(60 << 20))
    park.site["zones"] = name
    assert "claims to unpack to 62,914,560" in park.problem().cause


def test_what_comes_out_is_counted_whatever_the_archive_claims(
    park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(park, *shapefile(park))
    monkeypatch.setattr(archives, "_fault", lambda _members: None)
    monkeypatch.setattr(archives, "UNPACKED_MAX_BYTES", 100)
    assert "more than it claims" in park.problem().cause


def test_archives_of_too_many_files_are_refused(park: Park) -> None:
    with zipfile.ZipFile(park.folder / "zones.zip", "w") as archive:
        for number in range(archives.FILES_MAX + 1):
            archive.writestr(f"{number}.shp", b"")
    park.site["zones"] = "zones.zip"
    assert "2,001 files" in park.problem().cause


@pytest.mark.parametrize(
    ("content", "cause"), [(b"PK no", "cannot be opened"), (None, "has no layer")]
)
def test_damaged_and_empty_archives_are_refused(
    park: Park, content: bytes | None, cause: str
) -> None:
    path = park.folder / "zones.zip"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.md", b"nothing here")
    else:
        path.write_bytes(content)
    park.site["zones"] = "zones.zip"
    assert cause in park.problem().cause


def test_names_in_the_code_page_of_dos_are_read(park: Park) -> None:
    zones().to_file(park.folder / "zones.gpkg", driver="GPKG")
    member = zipfile.ZipInfo("zones.gpkg")
    with zipfile.ZipFile(park.folder / "pack.zip", "w") as archive:
        archive.writestr(member, (park.folder / "zones.gpkg").read_bytes())
    raw = (
        (park.folder / "pack.zip").read_bytes().replace(b"zones.gpkg", "зоны1.gpkg".encode("cp866"))
    )
    (park.folder / "pack.zip").write_bytes(raw)
    park.site["zones"] = "pack.zip"
    site = park.read()
    assert "'зоны1.gpkg'" in only(site.findings, "archive-file").message
    assert site.crs == CRS
