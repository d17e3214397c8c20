"""The bundled programme is the one that its script makes, and has the totals of the press."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from geoplan.config import load_programme
from geoplan.site.national import read_nation

BUNDLED = Path(__file__).parents[2] / "layers" / "kazakhstan"


def test_its_script_makes_the_same_files(tmp_path: Path) -> None:
    command = [sys.executable, str(BUNDLED / "make_programme.py"), "--out", str(tmp_path)]
    subprocess.run(command, check=True)
    for file in (BUNDLED / "programme").iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_it_has_thirty_parks_in_all_regions_and_32_trn_kzt() -> None:
    nation = read_nation(load_programme(BUNDLED / "programme.toml"))
    assert len(nation.parks) == 30
    assert len({park.region for park in nation.parks}) == 20
    assert len(nation.projects) == 700
    assert nation.projects["invest_bn_kzt"].sum() == pytest.approx(32_000, abs=1e-6)
    assert "generated" in nation.programme.programme.notice
