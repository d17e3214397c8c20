from __future__ import annotations

import pyproj
import shapely

from geoplan.errors import Problems
from geoplan.plan import FINDING_COLUMNS as PLAN_FINDING_COLUMNS
from geoplan.site import Finding, findings_frame
from geoplan.site.findings import FINDING_COLUMNS, Remarks

CRS = pyproj.CRS("EPSG:32642")


def test_findings_become_a_layer_in_their_order() -> None:
    findings = [
        Finding("warning", "r1", "zones", "A", "m1", "x1", shapely.Point(1, 2)),
        Finding("info", "r2", "gates", "", "m2", ""),
    ]
    frame = findings_frame(findings, CRS)
    assert frame.columns.tolist() == [*FINDING_COLUMNS, "geometry"]
    assert frame[list(FINDING_COLUMNS)].to_numpy().tolist() == [
        ["warning", "r1", "zones", "A", "m1", "x1"],
        ["info", "r2", "gates", "", "m2", ""],
    ]
    assert frame.geometry.isna().tolist() == [False, True]
    assert frame.crs == CRS


def test_no_findings_are_an_empty_layer_of_the_same_types() -> None:
    none = findings_frame([], CRS)
    some = findings_frame([Finding("info", "r", "l", "s", "m", "x")], CRS)
    assert none.empty
    assert none.crs == CRS
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_a_plan_has_the_same_columns_of_findings() -> None:
    assert PLAN_FINDING_COLUMNS is FINDING_COLUMNS


def test_remarks_name_their_layer_and_share_their_lists() -> None:
    problems, findings = Problems(), list[Finding]()
    zones = Remarks("zones", "zones (z.gpkg)", problems, findings)
    gates = Remarks("gates", "gates (g.gpkg)", problems, findings)
    zones.problem("cause.", "remedy.", ["A"])
    gates.info("rule", "message")
    zones.warning("rule", "message", "remedy", subject="B", geometry=shapely.Point(0, 0))
    assert [(p.where, p.ids) for p in problems.found] == [("zones (z.gpkg)", ("A",))]
    assert [(f.layer, f.severity, f.subject) for f in findings] == [
        ("gates", "info", ""),
        ("zones", "warning", "B"),
    ]
