"""Drawings (DXF): made here with ezdxf as a land office would hand them over."""

from __future__ import annotations

import itertools
import math
from typing import Any

import ezdxf
import pytest
import shapely
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts import Modelspace

from geoplan.site import Site
from tests.site.conftest import EAST, NORTH, Park, at, block, only

CORNERS = at((0, 0), (200, 0), (200, 100), (0, 100))


class Sheet:
    """A drawing that a test fills and then names as the park's zones."""

    def __init__(self, park: Park, units: int = 6) -> None:
        self.park = park
        self.drawing = ezdxf.new("R2010")
        self.drawing.header["$INSUNITS"] = units
        self.space: Modelspace = self.drawing.modelspace()

    def contour(self, points: Any, layer: str = "production", **options: Any) -> None:
        self.space.add_lwpolyline(points, close=True, dxfattribs={"layer": layer}, **options)

    def line(self, *points: tuple[float, float], layer: str = "production") -> None:
        for start, end in itertools.pairwise(points):
            self.space.add_line(start, end, dxfattribs={"layer": layer})

    def named(self, as_layer: str = "zones", picked: str = "", **columns: str) -> Park:
        path = self.park.folder / f"{as_layer}.dxf"
        self.drawing.saveas(path)
        self.park.site[as_layer] = path.name + picked
        if as_layer == "zones":
            self.park.columns = {"zones": {"use": "layer", **columns}}
        return self.park


def rules(site: Site) -> list[str]:
    return sorted(finding.rule for finding in site.findings)


def test_closed_polylines_are_zones_named_by_text_and_used_by_layer(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(CORNERS)
    sheet.contour(at((200, 0), (400, 0), (400, 100), (200, 100)), "logistics")
    for text, x in (("З-1", 50), ("З-2", 250)):
        sheet.space.add_text(text, height=5).set_placement(at((x, 50))[0])
    site = sheet.named(zone_id="text").read()
    assert site.zones[["zone_id", "use"]].to_numpy().tolist() == [
        ["З-1", "production"],
        ["З-2", "logistics"],
    ]
    assert [
        a.equals(b) for a, b in zip(site.zones.geometry, (block(0, 0), block(200, 0)), strict=True)
    ] == [True, True]
    assert "states no CRS" in only(site.findings, "crs-assumed").message


def test_the_first_line_on_any_layer_names_land_of_a_picked_layer(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(CORNERS)
    label = sheet.space.add_mtext("A-1\\P2,00 га", dxfattribs={"layer": "TEXT"})
    label.set_location(at((20, 80))[0])
    centred = sheet.space.add_text("для склада", height=5, dxfattribs={"layer": "TEXT"})
    centred.set_placement(at((100, 20))[0], align=TextEntityAlignment.MIDDLE_CENTER)
    centred.dxf.insert = (0, 0)  # counts for texts aligned to the left alone
    site = sheet.named(picked="|production", zone_id="text", name="texts").read()
    assert site.zones[["zone_id", "name"]].to_numpy().tolist() == [
        ["A-1", "A-1 2,00 га; для склада"]
    ]


def test_handles_are_ids_where_none_is_mapped(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(CORNERS)
    handle = sheet.space[0].dxf.handle
    site = sheet.named().read()
    assert site.zones["zone_id"].tolist() == [handle]
    assert "handle of each entity" in only(site.findings, "drawing-ids").message


@pytest.mark.parametrize("kind", ["light", "old", "arcs"])
def test_arcs_keep_their_area(park: Park, kind: str) -> None:
    sheet = Sheet(park)
    points = [(*CORNERS[0], 0), (*CORNERS[1], 1.0), (*CORNERS[2], 0), (*CORNERS[3], 0)]
    if kind == "light":
        sheet.contour(points, format="xyb")
    elif kind == "old":
        sheet.space.add_polyline2d(
            points, format="xyb", close=True, dxfattribs={"layer": "production"}
        )
    else:
        sheet.line(CORNERS[2], CORNERS[3], CORNERS[0], CORNERS[1])
        sheet.space.add_arc(at((200, 50))[0], 50, -90, 90, dxfattribs={"layer": "production"})
    site = sheet.named().read()
    round_m2 = 20_000 + math.pi * 50**2 / 2
    # The greatest height of chord and arc, a centimetre, along the half circle's length.
    assert site.zones.area.sum() == pytest.approx(round_m2, abs=0.01 * math.pi * 50)
    assert site.zones.total_bounds.tolist() == pytest.approx(
        [EAST, NORTH, EAST + 250, NORTH + 100], abs=0.02
    )
    assert "1 arcs" in only(site.findings, "arcs-cut").message


def test_lines_that_meet_close_land_and_say_how_far_ends_were_apart(park: Park) -> None:
    sheet = Sheet(park)
    sheet.line(*CORNERS)
    sheet.line(CORNERS[3], (CORNERS[0][0] + 0.03, CORNERS[0][1]))
    sheet.line(*at((100, 0), (100, 100)))  # divides it, in the middle of two others
    site = sheet.named().read()
    assert site.zones.area.tolist() == pytest.approx([10_000, 10_000], abs=3)
    message = only(site.findings, "lines-closed").message
    assert "5 lines on layer 'production' close 2 areas" in message
    assert "up to 0.030 m apart" in message


@pytest.mark.parametrize("beyond_m", [-0.03, 0.0, 0.0004, 0.03])
def test_lines_that_end_at_the_middle_of_others_divide_land(park: Park, beyond_m: float) -> None:
    # Turned, so that no end lies on another line but for rounding.
    def turned(*corners: tuple[float, float]) -> list[tuple[float, float]]:
        cos, sin = math.cos(0.3), math.sin(0.3)
        return at(*((x * cos - y * sin, x * sin + y * cos) for x, y in corners))

    sheet = Sheet(park)
    sheet.line(*turned((0, 0), (200, 0), (200, 100), (0, 100), (0, 0)))
    sheet.line(*turned((70, 0), (70, 100 + beyond_m)))
    site = sheet.named().read()
    assert sorted(site.zones.area) == pytest.approx([7_000, 13_000], abs=0.5)
    joined = "apart were joined" in only(site.findings, "lines-closed").message
    assert joined is (abs(beyond_m) > 0.01)


def test_lines_with_a_gap_are_refused_with_their_handles_and_place(park: Park) -> None:
    sheet = Sheet(park)
    sheet.line(*CORNERS)
    sheet.line(CORNERS[3], (CORNERS[0][0], CORNERS[0][1] + 0.4))
    problem = sheet.named().problem()
    assert "close no land" in problem.cause
    assert f"({EAST:.2f}, {NORTH:.2f}" in problem.cause or f"{NORTH + 0.4:.2f}" in problem.cause
    assert set(problem.ids) == {entity.dxf.handle for entity in sheet.space}


def test_a_contour_that_ends_a_hand_from_its_start_is_closed_and_said(park: Park) -> None:
    sheet = Sheet(park)
    path = [*CORNERS, (CORNERS[0][0], CORNERS[0][1] + 0.02)]
    sheet.space.add_lwpolyline(path, dxfattribs={"layer": "production"})
    site = sheet.named().read()
    assert site.zones.area.sum() == pytest.approx(20_000, abs=1e-6)
    assert "(0.020 m)" in only(site.findings, "gaps-closed").message


def test_contours_within_another_are_holes_and_islands(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(CORNERS)
    sheet.contour(at((20, 20), (120, 20), (120, 80), (20, 80)))
    sheet.contour(at((40, 40), (60, 40), (60, 60), (40, 60)))
    site = sheet.named().read()
    assert site.zones.area.tolist() == pytest.approx([20_000 - 6_000, 400])
    assert only(site.findings, "contour-holes").severity == "warning"


def test_one_layer_of_a_drawing_is_picked_after_a_bar(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(CORNERS)
    sheet.line(*at((0, 0), (900, 900)), layer="dimensions")
    assert sheet.named(picked="|production").read().zones.area.sum() == pytest.approx(20_000)
    problem = sheet.named(picked="|Productio").problem()
    assert "Did you mean 'production'?" in problem.remedy


def test_blocks_are_opened_and_other_entities_counted(park: Park) -> None:
    sheet = Sheet(park)
    block_ = sheet.drawing.blocks.new("LAND")
    block_.add_lwpolyline([(0, 0), (200, 0), (200, 100), (0, 100)], close=True)
    sheet.space.add_blockref("LAND", (EAST, NORTH), dxfattribs={"layer": "production"})
    sheet.space.add_hatch(dxfattribs={"layer": "production"})
    site = sheet.named().read()
    assert site.zones.geometry.iloc[0].equals(block(0, 0))
    assert site.zones["use"].tolist() == ["production"]
    assert only(site.findings, "entities-left").message.endswith("HATCH (1).")


@pytest.mark.parametrize(("factor", "severity"), [(1000.0, "info"), (1.0, "warning")])
def test_millimetres_are_scaled_only_where_the_numbers_are(
    park: Park, factor: float, severity: str
) -> None:
    sheet = Sheet(park, units=4)
    sheet.contour([(x * factor, y * factor) for x, y in CORNERS])
    site = sheet.named().read()
    assert site.zones.area.sum() == pytest.approx(20_000)
    assert only(site.findings, "drawing-units").severity == severity


def test_lines_without_length_are_left_out_and_said(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(CORNERS)
    sheet.line(CORNERS[0], CORNERS[0])
    message = only(sheet.named().read().findings, "entities-empty").message
    assert message.endswith(f"{sheet.space[1].dxf.handle}.")


def test_a_binary_drawing_is_read(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(CORNERS)
    sheet.named()
    sheet.drawing.saveas(park.folder / "zones.dxf", fmt="bin")
    assert park.read().zones.geometry.iloc[0].equals(block(0, 0))


def test_a_drawing_with_prefixed_eastings_is_brought_to_the_working_crs(park: Park) -> None:
    sheet = Sheet(park)
    sheet.contour(
        [(12_672_226.86 + x, 5_678_374.6 + y) for x, y in [(0, 0), (200, 0), (200, 100), (0, 100)]]
    )
    site = sheet.named().read()
    assert "zone's number 12" in only(site.findings, "crs-assumed").message
    # UTM shrinks lengths at its axis by 0.9996; Gauss-Krueger does not.
    assert site.zones.area.sum() == pytest.approx(20_000 * 0.9996**2, rel=1e-4)


def test_lines_and_points_stay_what_they_are_in_layers_that_take_them(park: Park) -> None:
    sheet = Sheet(park)
    sheet.line(*at((0, 50), (400, 50)))
    site = sheet.named("roads").read()
    assert site.roads.geometry.iloc[0].equals(shapely.LineString(at((0, 50), (400, 50))))
    doors = Sheet(park)
    doors.space.add_point(at((0, 50))[0])
    assert doors.named("gates").read().gates.geometry.tolist() == [shapely.Point(*at((0, 50)))]


@pytest.mark.parametrize("content", [b"", b"no drawing\n", b"AC1027\x00\x00binary"])
def test_a_file_that_is_no_drawing_is_refused(park: Park, content: bytes) -> None:
    (park.folder / "zones.dxf").write_bytes(content)
    park.site["zones"] = "zones.dxf"
    park.columns = {"zones": {"use": "layer"}}
    problem = park.problem()
    assert problem.where == "zones (zones.dxf)"
    assert "DXF" in problem.remedy or "no record" in problem.cause
