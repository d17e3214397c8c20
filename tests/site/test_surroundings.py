"""What stands around land, on squares whose distances can be read off."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoplan.site.surroundings import NO_CLASS, surroundings
from tests.site.conftest import Park, at, block, frame

SPZ_M = {1: 1000.0, 2: 500.0, 3: 300.0, 4: 100.0, 5: 50.0}


def around(park: Park, units, rail_reach_m: float = 300.0, reach_m: float = 1000.0):
    return surroundings(
        park.read(), units, spz_distance_m=SPZ_M, rail_reach_m=rail_reach_m, reach_m=reach_m
    )


def squares(*lefts: float):
    """100 m squares of zone A, their left edges so far east of the park's corner."""
    shapes = [block(x, 0, 100, 100) for x in lefts]
    return frame(shapes, zone_id=["A"] * len(shapes))


def test_zone_facts_come_with_each_unit(park: Park) -> None:
    park.layer("zones", frame([block(0, 0)], zone_id=["A"], use=["production"], hazard_max=[3]))
    facts = around(park, squares(0, 100)).facts
    assert facts["hazard_max"].tolist() == [3, 3]
    assert facts["available_year"].isna().all()


def test_rail_asks_for_the_whole_unit_within_reach(park: Park) -> None:
    siding = shapely.LineString(at((0, 0), (0, 100)))
    park.layer("gates", frame([siding], gate_id=["R"], kind=["rail"]))
    assert around(park, squares(0, 199, 201)).facts["rail"].tolist() == [True, True, False]


def test_without_a_rail_gate_there_is_no_rail(park: Park) -> None:
    assert not around(park, squares(0)).facts["rail"].any()


@pytest.mark.parametrize(
    ("away_m", "class_min"), [(40, 6), (60, 5), (150, 4), (350, 3), (600, 2), (1200, 1)]
)
def test_the_most_dangerous_class_follows_from_the_distance(
    park: Park, away_m: float, class_min: int
) -> None:
    park.layer("receptors", frame([block(100 + away_m, 0)], receptor_id=["H"], kind=["housing"]))
    facts = around(park, squares(0)).facts
    assert facts["class_min"].tolist() == [class_min]
    assert facts["receptor_id"].tolist() == ([None] if class_min == 1 else ["H"])


def test_a_receptors_own_distance_counts_for_every_class(park: Park) -> None:
    receptors = frame([block(300, 0)], receptor_id=["H"], kind=["water"], distance_m=[210.0])
    park.layer("receptors", receptors)
    assert around(park, squares(0, 80)).facts["class_min"].tolist() == [NO_CLASS, NO_CLASS]
    receptors["distance_m"] = 190.0
    park.layer("receptors", receptors)
    assert around(park, squares(0, 80)).facts["class_min"].tolist() == [1, NO_CLASS]


def test_a_service_area_serves_what_it_mostly_covers_and_points_serve_the_rest(park: Park) -> None:
    shapes = [block(0, 0, 160, 100), shapely.Point(at((900, 0))[0]), shapely.Point(at((0, 0))[0])]
    utilities = frame(
        shapes, utility_id=["AREA", "FAR", "NEAR"], kind=["power_mw"] * 3, capacity=[1.0] * 3
    )
    park.layer("utilities", utilities)
    facts = around(park, squares(0, 100, 200, 850)).facts
    assert facts["service_power_mw"].tolist() == ["AREA", "AREA", "NEAR", "FAR"]
    assert facts["service_water_m3d"].isna().all()
    assert facts["supplied_from_water_m3d"].tolist() == [-np.inf] * 4


def test_supply_begins_with_the_utilitys_year_and_never_where_none_serves(park: Park) -> None:
    utilities = frame(
        [block(0, 0, 100, 100), block(100, 0, 100, 100)],
        utility_id=["U1", "U2"],
        kind=["gas_m3h"] * 2,
        capacity=[1.0] * 2,
        available_year=[2027, None],
    )
    park.layer("utilities", utilities)
    facts = around(park, squares(0, 100, 200)).facts
    assert facts["supplied_from_gas_m3h"].tolist() == [2027, -np.inf, np.inf]


def test_pairs_are_those_within_reach_each_once(park: Park) -> None:
    found = around(park, squares(0, 150, 400), reach_m=200.0)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), found.distance_m, strict=True))
    assert pairs == [(0, 1, pytest.approx(50.0)), (1, 2, pytest.approx(150.0))]
