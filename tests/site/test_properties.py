"""What holds of every input, whatever is in it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st

from geoplan.config import ZONE_OVERLAP_MAX_M2
from geoplan.errors import GeoplanError, Problems
from geoplan.site import Site
from geoplan.site.columns import Read, read_columns
from geoplan.site.findings import Remarks
from geoplan.site.schema import CONTRACTS
from tests.site.conftest import Park

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 3000),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["production", "да", "1,5", "inf", "NaN", "P1;P2", " "]),
)
# Corners in degrees from those of a cell of 0.02; a little more lets neighbours overlap.
corners = st.tuples(st.floats(0, 0.021), st.floats(0, 0.02))
rings = st.lists(corners, min_size=3, max_size=4)


@st.composite
def tables(draw: st.DrawFn, layer: str) -> pd.DataFrame:
    names = [*CONTRACTS[layer].columns.columns, "extra"]
    chosen = draw(st.lists(st.sampled_from(names), unique=True))
    rows = draw(st.integers(0, 4))
    columns = {name: draw(st.lists(cells, min_size=rows, max_size=rows)) for name in chosen}
    return pd.DataFrame(columns, index=pd.RangeIndex(rows), dtype="object")


def read(layer: str, raw: pd.DataFrame) -> Read:
    return read_columns(raw, {}, Remarks(layer, layer, Problems(), []))


@given(st.sampled_from(list(CONTRACTS)).flatmap(lambda n: st.tuples(st.just(n), tables(n))))
def test_any_cells_become_the_types_of_the_contract_and_stay_as_they_were(
    drawn: tuple[str, pd.DataFrame],
) -> None:
    layer, raw = drawn
    before = raw.copy(deep=True)
    frame = read(layer, raw).frame
    pd.testing.assert_frame_equal(raw, before)
    columns = CONTRACTS[layer].columns.columns
    types = {name: str(frame[name].dtype) for name in frame.columns}
    assert types == {name: column.metadata["dtype"] for name, column in columns.items()}
    assert len(frame) == len(raw)


def digest(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def closed_ring(cell: int, ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    placed = [(71.40 + 0.02 * cell + x, 51.20 + y) for x, y in ring]
    return [*placed, placed[0]]


@st.composite
def features(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Zones whose columns are mostly right, so that their geometry is what decides."""
    rare = st.integers(0, 9).flatmap(lambda n: cells if n == 0 else st.just("green"))
    return [
        {
            "properties": {"zone_id": f"Z{n}", "use": draw(rare)},
            "geometry": {"type": "Polygon", "coordinates": [closed_ring(n, draw(rings))]},
        }
        for n in range(draw(st.integers(1, 3)))
    ]


rows = st.one_of(
    st.just(""), st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
)


def assert_sound(site: Site) -> None:
    land = site.zones.geometry.to_numpy()
    assert shapely.is_valid(land).all()
    assert (shapely.area(land) > 0).all()
    common = shapely.area(shapely.intersection(land[:, None], land[None, :]))
    assert common[~np.eye(len(land), dtype=bool)].max(initial=0.0) <= ZONE_OVERLAP_MAX_M2


@settings(max_examples=60, deadline=None)
@given(features(), rows)
def test_reading_leaves_files_alone_and_ends_in_a_sound_site_or_in_problems(
    zones: list[dict[str, Any]], table: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        park = Park(Path(folder))
        park.features("zones", *zones)
        park.projects(f"project_id,area_ha\nP1,1\n{table}")
        before = digest(park.folder)
        try:
            site = park.read()
        except GeoplanError as error:
            event("refused")
            problems = error.problems
        else:
            event("read")
            problems = ()
            assert_sound(site)
        assert all(problem.cause and problem.remedy for problem in problems)
        assert digest(park.folder) == before
