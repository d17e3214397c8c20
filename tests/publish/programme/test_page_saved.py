"""The page among the files of a saved programme."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geoplan.errors import GeoplanError
from geoplan.publish.programme.page import programme_html
from geoplan.publish.programme.saving import save_programme
from geoplan.publish.programme.tables import ProgrammeTables


def test_a_saved_programme_has_its_page_in_the_language_asked_for(
    programme: ProgrammeTables, tmp_path: Path
) -> None:
    told: list[str] = []
    folder = save_programme(programme, {}, tmp_path / "out", language="kk", progress=told.append)
    page = (folder / "programme.html").read_text(encoding="utf-8")
    assert page == programme_html(programme, language="kk")
    assert "programme.html" in told
    assert "programme.html" in json.loads((folder / "manifest.json").read_text())["files"]


def test_a_language_that_nobody_wrote_leaves_the_folder_as_it_was(
    programme: ProgrammeTables, tmp_path: Path
) -> None:
    with pytest.raises(GeoplanError, match="en, ru, kk"):
        save_programme(programme, {}, tmp_path / "out", language="de")
    assert list(tmp_path.iterdir()) == []
