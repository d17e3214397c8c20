"""Sums by sector: who has withdrawn asks for nothing."""

from __future__ import annotations

from geoplan.nation.tables import sector_table

from ..publish.programme.sample import sample_programme


def test_sectors_leave_out_who_has_withdrawn() -> None:
    sectors = sector_table(sample_programme().projects).set_index("sector")
    assert sectors.index.tolist() == ["chemistry", "food", "warehouse"]
    assert sectors["projects"].tolist() == [2, 3, 2]
    assert sectors["asked_bn_kzt"].tolist() == [1200.0, 370.0, 110.0]
    assert sectors["placed_bn_kzt"].tolist() == [1200.0, 300.0, 0.0]
    assert sectors["jobs_asked"].tolist() == [120, 37, 11]
