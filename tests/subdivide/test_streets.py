"""The street network: gates reached, one network, barriers not crossed, bridges used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from geoplan.config import SubdivideSettings
from geoplan.subdivide.right_of_way import StreetLand, street_land
from geoplan.subdivide.stage import lay_out
from geoplan.subdivide.streets import (
    backbone,
    ground,
    links,
    network_parts,
    street_frame,
)
from geoplan.subdivide.ways import Ways
from tests.subdivide.invariants import divided, reached_street_land
from tests.subdivide.parks import CRS, Park, back, moved, park

SETTINGS = SubdivideSettings()
QUARTERS = [shapely.box(x, y, x + 300, y + 200) for y in (0, 200) for x in (0, 300)]


def tied(given: Park) -> Any:
    """Backbone and links, as the stage begins."""
    land = ground(given.zones, given.exclusions, given.gates)
    streets = backbone(land, SETTINGS)
    lines = [*streets.geometry, *links(streets, land, SETTINGS).geometry]
    return np.array([back(line) for line in lines], dtype=object)


def tied_between(lines: list[Any], given: Park) -> Any:
    """The links between streets that are given."""
    land = ground(given.zones, given.exclusions, given.gates)
    streets = street_frame([moved(line) for line in lines], "local", 20.0, CRS)
    return links(streets, land, SETTINGS).assign(geometry=lambda f: back(f.geometry.array))


def test_main_streets_join_the_gates_and_collectors_the_rest() -> None:
    """Four quarters: the gates stand at two ends of the cross that their boundaries make."""
    given = park(QUARTERS, gates=[shapely.Point(0, 200), shapely.Point(300, 400)])
    streets = backbone(ground(given.zones, given.exclusions, given.gates), SETTINGS)
    length_m = streets.assign(m=streets.length).groupby("class")["m"].sum()
    assert length_m.to_dict() == pytest.approx({"main": 500, "collector": 500})
    assert streets.set_index("class")["row_m"].to_dict() == {"main": 30, "collector": 24}
    assert (network_parts(np.asarray(streets.geometry.array)) == 0).all()


def test_no_street_runs_along_green_land_unless_it_joins_others() -> None:
    given = park(QUARTERS, uses=["production", "production", "green", "green"])
    assert shapely.union_all(tied(given)).equals(shapely.LineString([(300, 0), (300, 200)]))


def test_a_single_zone_has_no_backbone() -> None:
    assert len(tied(park(QUARTERS[:1], gates=[shapely.Point(0, 100)]))) == 0


def test_a_gate_beside_the_boundary_is_linked_to_it() -> None:
    lines = tied(park(QUARTERS, gates=[shapely.Point(0, 170)]))
    network = shapely.union_all(lines)
    assert network.distance(shapely.Point(0, 170)) == pytest.approx(0, abs=1e-6)
    assert (network_parts(lines) == 0).all()


def test_a_gate_less_than_a_metre_off_the_land_is_reached() -> None:
    given = park([shapely.box(0, 0, 300, 200)], gates=[shapely.Point(-0.7, 80)])
    run = divided(given)
    assert len(run.result.plots) > 0
    assert not reached_street_land(given, run).is_empty


def test_a_barrier_is_not_crossed_and_a_pipeline_is() -> None:
    """Parallel streets of 200 m, 100 m apart, with something long between them."""
    land, between = shapely.box(0, 0, 300, 200), shapely.box(-10, 90, 310, 110)
    lines = [shapely.LineString([(50, y), (250, y)]) for y in (50, 150)]
    assert tied_between(lines, park([land], water=[between])).empty
    bridges = tied_between(lines, park([land], pipelines=[between]))
    assert bridges["class"].tolist() == ["collector"]
    assert bridges.length.tolist() == pytest.approx([100])


def test_a_link_goes_round_a_barrier_that_it_can_go_round() -> None:
    """The pond leaves 50 m on both sides; the link keeps half its own width clear of it."""
    given = park([shapely.box(0, 0, 300, 200)], water=[shapely.box(50, 90, 250, 110)])
    lines = [shapely.LineString([(100, y), (200, y)]) for y in (50, 150)]
    (link,) = tied_between(lines, given).geometry
    assert link.length > 150
    assert link.distance(shapely.box(50, 90, 250, 110)) == pytest.approx(12, abs=0.01)


def test_a_way_round_a_corner_is_the_shortest() -> None:
    """From the end of one arm of an L to that of the other, 5 m clear of its inner corner."""
    land = shapely.box(0, 0, 100, 100) - shapely.box(20, 20, 100, 100)
    way = Ways(land, 5.0).bent(shapely.Point(10, 100), shapely.Point(100, 10))
    assert way.coords[:] == [(10, 100), (15, 15), (100, 10)]


def test_there_is_no_way_between_lands_that_do_not_touch() -> None:
    land = shapely.box(0, 0, 100, 100) | shapely.box(200, 0, 300, 100)
    ways = Ways(land - shapely.box(40, 40, 60, 60), 5.0)
    start, target = shapely.Point(10, 50), shapely.Point(250, 50)
    assert ways.straight(start, target) is None
    assert ways.bent(start, target) is None


def test_many_streets_become_one_network() -> None:
    lines = [shapely.LineString([(x, 50), (x, 150)]) for x in range(20, 300, 40)]
    given = park([shapely.box(0, 0, 300, 200)])
    added = [*tied_between(lines, given).geometry]
    assert len(added) == len(lines) - 1
    assert (network_parts(np.array([*lines, *added], dtype=object)) == 0).all()


def test_a_street_apart_is_tied_to_what_is_nearest_of_a_network() -> None:
    """Two streets and one that crosses them and ends 50 m west and 40 m north of a fourth."""
    network = [[(40, 20), (40, 180)], [(140, 20), (140, 180)], [(20, 100), (200, 100)]]
    lines = [shapely.LineString(ends) for ends in [*network, [(250, 40), (250, 60)]]]
    (link,) = tied_between(lines, park([shapely.box(0, 0, 300, 200)])).geometry
    assert link.equals_exact(shapely.LineString([(250, 60), (200, 100)]), tolerance=1e-6)


def test_a_street_is_its_right_of_way() -> None:
    streets = street_frame([shapely.LineString([(50, 50), (150, 50)])], "local", 20.0, CRS)
    inside = shapely.box(0, 0, 300, 200)
    # Both ends are carried on by half a right of way.
    assert street_land(streets, np.array([inside])).land.equals(shapely.box(40, 40, 160, 60))


def test_a_street_over_an_oblique_edge_leaves_no_wedge() -> None:
    land = shapely.Polygon([(0, 0), (300, 0), (250, 100), (0, 100)])
    streets = street_frame([shapely.LineString([(0, 50), (275, 50)])], "local", 20.0, CRS)
    covered = street_land(streets, np.array([land])).land
    assert covered.equals(land & shapely.box(0, 40, 300, 60))


def test_a_wide_street_does_not_bulge_out_behind_a_narrow_one() -> None:
    lines = [
        *street_frame([shapely.LineString([(0, 50), (200, 50)])], "local", 20.0, CRS).iterrows(),
        *street_frame([shapely.LineString([(100, 0), (100, 50)])], "main", 30.0, CRS).iterrows(),
    ]
    streets = street_frame([row.geometry for _, row in lines], "local", 20.0, CRS)
    streets["row_m"] = [row["row_m"] for _, row in lines]
    covered = street_land(streets, np.array([shapely.box(0, 0, 200, 200)])).land
    assert covered.bounds == pytest.approx((0, 0, 200, 60))
    assert covered.area == pytest.approx(200 * 20 + 40 * 30)


def test_only_land_at_a_gate_counts_as_reached() -> None:
    zones = park([shapely.box(0, 0, 500, 100)]).zones
    near, far = moved(shapely.box(0, 40, 200, 60)), moved(shapely.box(300, 40, 490, 60))
    both = StreetLand(np.array([near, far]))
    gate = np.array([moved(shapely.Point(490.5, 50))])
    assert both.reached(gate, zones).land.equals(far)
    assert both.reached(gate[:0], zones).land.equals(near)  # the largest, without gates


def test_streets_that_nothing_reaches_take_no_land() -> None:
    """A river without a bridge: on the far bank stand neither plots nor streets."""
    given = park(
        [shapely.box(0, 0, 600, 400)],
        water=[shapely.box(290, -1, 310, 401)],
        gates=[shapely.Point(0, 90)],
    )
    run = divided(given)
    assert back(run.laid_out.street_land).bounds[2] <= 290 + 1e-6
    assert back(shapely.union_all(run.laid_out.streets.geometry.array)).bounds[2] <= 290 + 1e-6


def test_streets_are_numbered_by_class_from_north_west() -> None:
    given = park(QUARTERS, gates=[shapely.Point(0, 200), shapely.Point(300, 400)])
    streets = divided(given).laid_out.streets
    assert streets["street_id"].is_unique
    assert (streets["street_id"].str[0] == streets["class"].str[0].str.upper()).all()
    assert streets["length_m"].tolist() == streets.length.tolist()


def test_laying_out_without_plotted_zones_gives_no_strips() -> None:
    given = park(QUARTERS, uses=["green"] * 4)
    laid_out = lay_out(given.zones, given.exclusions, given.gates, {}, SETTINGS)
    assert len(laid_out.strips) == 0
    assert laid_out.layouts_tried == 0
