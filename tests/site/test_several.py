from __future__ import annotations

import hashlib

import pytest

from geoplan.config import Scenario
from geoplan.errors import GeoplanError
from geoplan.site import read_site
from tests.site.conftest import Park, block, frame, only, zones


def second_site(park: Park, **columns: list[str]) -> None:
    """Zones of two sites, the second one in another CRS and under names of its own."""
    own = {"zone_id": ["C"], "use": ["logistics"]} | columns
    park.layer("zones", zones())
    first = park.site["zones"]
    frame([block(500, 0)], **own).to_crs("EPSG:4326").to_file(park.folder / "second.geojson")
    park.site["zones"] = [first, "second.geojson"]


def test_files_are_read_one_after_another_each_in_its_own_crs(park: Park) -> None:
    second_site(park)
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["A", "B", "C"]
    assert site.zones.index.tolist() == [0, 1, 2]
    assert site.zones.crs == site.crs
    assert site.zones.area.tolist() == pytest.approx([20_000, 20_000, 20_000], rel=1e-6)


def test_the_manifest_has_the_checksum_of_every_file(park: Park) -> None:
    second_site(park)
    digests = {
        name: hashlib.sha256((park.folder / name).read_bytes()).hexdigest()
        for name in park.site["zones"]
    }
    assert dict(park.read().inputs) == digests


def test_ids_are_unique_over_all_files_and_the_message_names_both(park: Park) -> None:
    second_site(park, zone_id=["B"])
    told = str(park.problem())
    assert "zones.gpkg" in told
    assert "second.geojson" in told
    assert "[B]" in told


def test_sites_must_not_overlap(park: Park) -> None:
    park.layer("zones", zones())
    frame([block(300, 0)], zone_id=["C"], use=["logistics"]).to_file(park.folder / "c.gpkg")
    park.site["zones"] = [park.site["zones"], "c.gpkg"]
    assert park.problem().ids == ("B", "C")


def test_problems_of_all_files_are_told_together(park: Park) -> None:
    second_site(park, use=["shop"])
    park.site["zones"].append("nowhere.gpkg")
    wheres = [problem.where for problem in park.problems()]
    assert wheres == ["zones (second.geojson)", "zones (nowhere.gpkg)"]


def test_a_mapped_name_counts_where_a_file_has_it(park: Park) -> None:
    second_site(park)
    (park.folder / "c.geojson").write_text(
        (park.folder / "second.geojson").read_text().replace('"zone_id"', '"nr"')
    )
    park.site["zones"] = [park.site["zones"][0], "c.geojson"]
    park.columns = {"zones": {"zone_id": "nr"}}
    site = park.read()
    assert site.zones["zone_id"].tolist() == ["A", "B", "C"]
    assert "zone_id" in only(site.findings, "own-columns").message


def test_projects_of_one_file_may_name_those_of_another(park: Park) -> None:
    park.projects("project_id,area_ha,near\nP-1,1,L-1\n", "first.csv")
    park.projects("project_id;area_ha\nL-1;1,5\n", "second.csv")
    park.portfolio = ["first.csv", "second.csv"]
    projects = park.read().projects
    assert projects is not None
    assert projects["project_id"].tolist() == ["P-1", "L-1"]
    assert projects["area_ha"].tolist() == [1.0, 1.5]


def test_a_project_that_none_of_the_files_has_cannot_be_named(park: Park) -> None:
    park.projects("project_id,area_ha,near\nP-1,1,L-9\n", "first.csv")
    park.projects("project_id,area_ha\nL-1,1\n", "second.csv")
    park.portfolio = ["first.csv", "second.csv"]
    assert "near names unknown projects: 'L-9'" in park.problem().cause


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ([], "it must be a file, or a list of files."),
        (["a.gpkg", 3], "it must be a file, or a list of files."),
        (7, "it must be a file, or a list of files."),
        (["a.gpkg", "b.gpkg", "a.gpkg"], "files are named twice: a.gpkg."),
    ],
)
def test_a_list_of_files_has_files_each_once(named: object, told: str) -> None:
    from geoplan.config.reading import checked

    with pytest.raises(GeoplanError) as refused:
        checked(Scenario, {"site": {"crs": "EPSG:32642", "zones": named}}, "park.toml")
    (problem,) = refused.value.problems
    assert problem.where == "park.toml, [site] zones"
    assert problem.cause == told


def test_a_list_of_one_file_is_that_file(park: Park) -> None:
    park.layer("zones", zones())
    park.site["zones"] = [park.site["zones"]]
    assert park.scenario.site.zones == "zones.gpkg"
    assert len(read_site(park.scenario).zones) == 2


def test_what_is_written_down_of_databases_has_no_password(park: Park) -> None:
    park.layer("zones", zones())
    park.site["zones"] = [park.site["zones"], "postgresql://planner:secret@gis/land|zones"]
    written = park.scenario.model_dump(mode="json")["site"]["zones"]
    assert written == ["zones.gpkg", "postgresql://planner@gis/land|zones"]
