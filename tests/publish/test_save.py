import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest

from geoplan.errors import GeoplanError
from geoplan.publish import read_plan, save, write_text

from .sample import sample_plan

FILES = ["allocation.csv", "manifest.json", "map.html", "plan.gpkg", "register.xlsx", "report.html"]


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save(sample_plan(), tmp_path_factory.mktemp("plans") / "park")


def test_every_file_is_written_and_named_in_the_manifest(saved):
    assert list(files(saved)) == FILES
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"] == FILES
    assert manifest["solver"]["status"] == "optimal"


def test_two_runs_differ_in_the_manifests_times_only(saved, tmp_path):
    plan = sample_plan()
    later = replace(plan, manifest={**plan.manifest, "stage_seconds": {"site": 77.0}})
    first, second = files(saved), files(save(later, tmp_path / "park"))
    manifests = [json.loads(run.pop("manifest.json")) for run in (first, second)]
    assert first == second
    assert manifests[0] != manifests[1]
    assert [m.pop("stage_seconds") for m in manifests][1] == {"site": 77.0}
    assert manifests[0] == manifests[1]


def test_a_plan_read_back_and_saved_gives_the_same_files(saved, tmp_path):
    assert files(save(read_plan(saved), tmp_path / "again")) == files(saved)


def test_progress_names_each_file_before_it_is_written(tmp_path):
    told = []
    save(sample_plan(), tmp_path / "park", progress=told.append)
    assert sorted([*told, "manifest.json"]) == FILES


def test_a_plan_that_cannot_be_written_leaves_the_old_one(saved):
    before = files(saved)
    nameless = sample_plan(manifest={"seed": {1, 2}})
    with pytest.raises(TypeError, match="a manifest cannot hold"):
        save(nameless, saved)
    assert files(saved) == before


def test_a_plan_is_not_saved_over_other_files(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(GeoplanError, match="geoplan did not write it"):
        save(sample_plan(), tmp_path)
    assert files(tmp_path) == {"letter.txt": b"mine"}


def test_a_page_is_written_whole_or_the_old_one_stays(tmp_path, monkeypatch):
    page = write_text("old", tmp_path / "page.html")

    def full(path, *_, **__):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(GeoplanError, match="No space left"):
        write_text("new", page)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert page.read_bytes() == b"old"


def test_a_page_that_a_link_names_is_written_where_the_link_leads(tmp_path):
    (tmp_path / "link.html").symlink_to(tmp_path / "page.html")
    write_text("new", tmp_path / "link.html")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "page.html").read_text() == "new"
