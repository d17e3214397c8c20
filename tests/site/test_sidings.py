"""Sidings: straights and arcs, land that is no plot's, rail for what lies along them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoplan.config import RailNorm
from geoplan.site.sidings import SAGITTA_M, rounded, too_close
from geoplan.site.surroundings import rail_land
from tests.site.conftest import Park, at, block, frame, only, zones

RADIUS_M = 200.0


def turned(*turns_deg: float, straight_m: float) -> np.ndarray:
    """A rough centreline that turns at each corner, with straights of one length."""
    headings = np.radians(np.cumsum([0.0, *turns_deg]))
    steps = straight_m * np.stack([np.cos(headings), np.sin(headings)], axis=1)
    return np.concatenate([[[0.0, 0.0]], np.cumsum(steps, axis=0)])


@given(st.lists(st.floats(-120, 120), min_size=1, max_size=4))
def test_a_rounded_line_has_no_corner_and_no_narrower_curve(turns_deg: list[float]) -> None:
    rough = turned(*turns_deg, straight_m=800)
    assert list(too_close(rough, RADIUS_M)) == []
    line = rounded(rough, RADIUS_M)
    steps = np.diff(line, axis=0)
    heading = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    # Chords of one arc turn by no more than their sagitta allows: there is no other corner.
    most = 2 * np.arccos(1 - SAGITTA_M / RADIUS_M)
    assert np.abs(np.diff(heading)).max(initial=0.0) <= most + 1e-9
    # The circle through each three neighbours: abc / 4A, the arc's own where all lie on it.
    a, b, c = (np.hypot(*side.T) for side in (steps[:-1], steps[1:], line[2:] - line[:-2]))
    cross = steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0]
    assert (a * b * c >= 2 * np.abs(cross) * RADIUS_M * (1 - 1e-6)).all()


def test_a_quarter_turn_is_as_long_as_its_arc() -> None:
    line = shapely.LineString(rounded(turned(90, straight_m=500), RADIUS_M))
    assert line.length == pytest.approx(2 * 300 + np.pi / 2 * RADIUS_M, abs=0.1)
    assert shapely.Point(0, 0).distance(line) == 0
    assert shapely.Point(500, 500).distance(line) < 1e-9


def test_straights_that_just_hold_both_arcs_are_enough() -> None:
    rough = turned(90, -90, straight_m=2 * RADIUS_M)
    assert list(too_close(rough, RADIUS_M)) == []
    assert list(too_close(rough, RADIUS_M + 0.1)) != []


def test_each_short_straight_is_named_with_the_radius_that_fits() -> None:
    found = list(too_close(np.array([[0.0, 0], [500, 0], [500, 250], [900, 250]]), RADIUS_M))
    assert [(fault.corner, fault.other) for fault in found] == [(1, 2)]
    assert found[0].radius_m == pytest.approx(125)
    assert list(too_close(np.array([[0.0, 0], [500, 0], [500, 250], [900, 250]]), 125.0)) == []


def with_siding(park: Park, *corners: tuple[float, float], **columns: list[object]) -> None:
    """Two zones of 600 m x 600 m and a railway gate in the west; a siding through them."""
    park.layer("zones", zones_of_600())
    gates = [shapely.Point(at((0, 300))[0]), shapely.Point(at((600, 0))[0])]
    park.layer("gates", frame(gates, gate_id=["R", "G"], kind=["rail", "road"]))
    line = shapely.LineString(at(*corners))
    park.layer("sidings", frame([line], siding_id=["S-1"], **columns))


def zones_of_600():
    shapes = [block(0, 0, 600, 600), block(600, 0, 600, 600)]
    return zones().set_geometry(shapes)


CURVED = ((0, 300), (500, 300), (900, 500))


def test_its_right_of_way_is_excluded_and_its_reach_has_rail(park: Park) -> None:
    with_siding(park, *CURVED, gate_id=["R"], row_m=[20])
    site = park.read()
    (track,) = site.sidings.geometry
    assert len(track.coords) > 3
    (land,) = site.exclusions.itertuples()
    assert (land.exclusion_id, land.kind, land.crossable) == ("S-1", "siding", False)
    assert land.geometry.area == pytest.approx(20 * track.length, rel=1e-3)
    reach = rail_land(site, rail_reach_m=100)
    assert shapely.covers(reach, track)
    assert reach.area > 200 * track.length
    assert site.findings == ()


def test_a_corner_without_room_is_refused_with_what_would_fit(park: Park) -> None:
    with_siding(park, (0, 300), (500, 300), (500, 400))
    problem = park.problem()
    assert problem.where == "sidings (sidings.gpkg)"
    assert problem.ids == ("S-1",)
    assert "corner 1 at (670500, 5676300) turns by 90 degrees" in problem.cause
    assert "100 m to its end" in problem.cause
    assert "a radius of 100 m would fit" in problem.cause
    assert "siding_radius_min_m = 100" in problem.remedy


def test_the_norm_profile_says_how_narrow_a_siding_may_turn(park: Park) -> None:
    profile = "\n".join(
        [
            'title = "Narrow"',
            "[balance]",
            "[spz]",
            "distance_m = [1000, 500, 300, 100, 50]",
            "sensitive_sectors = []",
            "sensitive_against_class_max = 3",
            'source = "test"',
            'confidence = "L"',
            "[rail]",
            "siding_radius_min_m = 90",
        ]
    )
    (park.folder / "narrow.toml").write_text(profile, encoding="utf-8")
    with_siding(park, (0, 300), (500, 300), (500, 400))
    scenario = park.scenario
    norms = scenario.norms.model_copy(update={"profile": "narrow.toml"})
    from geoplan.site import read_site

    (track,) = read_site(scenario.model_copy(update={"norms": norms})).sidings.geometry
    assert track.length == pytest.approx(410 + 10 + np.pi / 2 * 90, abs=0.1)


def test_profiles_without_rail_take_the_usual_radius() -> None:
    assert RailNorm().siding_radius_min_m == 200
    assert RailNorm().confidence == "L"


@pytest.mark.parametrize(
    ("gate", "told"), [("G", "gate 'G' is no railway gate."), ("Q", "there is no gate 'Q'.")]
)
def test_its_gate_is_a_railway_gate_that_there_is(park: Park, gate: str, told: str) -> None:
    with_siding(park, *CURVED, gate_id=[gate])
    assert park.problem().cause == told


def test_a_siding_that_misses_its_gate_is_found(park: Park) -> None:
    with_siding(park, (40, 300), (500, 300), gate_id=["R"])
    finding = only(park.read().findings, "siding gate")
    assert (finding.severity, finding.subject) == ("warning", "S-1")
    assert "40 m are between" in finding.message


def test_a_branching_line_is_refused(park: Park) -> None:
    with_siding(park, *CURVED)
    lines = shapely.MultiLineString([at((0, 300), (500, 300)), at((300, 300), (400, 400))])
    park.layer("sidings", frame([lines], siding_id=["S-1"]))
    assert "several pieces or branches" in park.problem().cause


def test_its_id_is_no_exclusions(park: Park) -> None:
    with_siding(park, *CURVED)
    park.layer("exclusions", frame([block(0, 0, 10, 10)], exclusion_id=["S-1"], kind=["water"]))
    assert park.problem().ids == ("S-1",)


def test_all_that_is_wrong_with_sidings_is_told_at_once(park: Park) -> None:
    with_siding(park, *CURVED)
    lines = [
        shapely.LineString(at((0, 300), (500, 300), (500, 400))),
        shapely.LineString(at((0, 100), (500, 100))),
    ]
    park.layer("sidings", frame(lines, siding_id=["S-1", "S-2"], gate_id=[None, "Q"]))
    assert [problem.ids for problem in park.problems()] == [("S-1",), ("S-2",)]
