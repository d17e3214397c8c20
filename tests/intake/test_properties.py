"""Whatever the records, importing them is stable: order, repetition and reading back."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import geoplan

from .exports import record, write_export, write_map

TEXTS = st.text("ab1 =+-@;,.\"'\r\n\t?\x00\x1f\x85\ufeff\ufffeҚж", max_size=12)
FIGURES = st.floats(0.01, 1e9) | st.integers(1, 10**12)
RECORDS = st.builds(
    lambda number, title, investor, area, money, status: record(
        number,
        title=title,
        investor={"name": investor},
        land={"area": area},
        sum=money,
        status=status,
    ),
    st.integers(0, 40),
    TEXTS,
    TEXTS,
    FIGURES,
    FIGURES | st.none(),
    st.sampled_from(["На рассмотрении", "договор", "ОТОЗВАН", "operation", None]),
)
EXPORTS = st.lists(RECORDS, min_size=1, max_size=6, unique_by=lambda each: each["id"])


@settings(max_examples=12, deadline=None)
@given(EXPORTS, EXPORTS, st.randoms(use_true_random=False))
def test_an_export_is_the_same_twice_in_any_order_and_from_its_own_result(first, second, chance):
    second = [first[0], *(each for each in second if each["id"] != first[0]["id"])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out, other = folder / "out.csv", folder / "other.csv"
        columns = write_map(folder)
        geoplan.register(write_export(folder, *first), out=out, columns=columns)
        earlier = out.read_bytes()
        made = geoplan.register(write_export(folder, *second), out=out, columns=columns)
        after = out.read_bytes()
        assert len(made.new) == len({e["id"] for e in second} - {e["id"] for e in first})
        assert set(made.portfolio["project_id"]) == {
            f"NP-{each['id']}" for each in (*first, *second)
        }

        chance.shuffle(second)
        again = geoplan.register(write_export(folder, *second), out=out, columns=columns)
        assert again.changes.empty
        assert again.unchanged == len(made.portfolio)
        assert out.read_bytes() == after

        (folder / "earlier.csv").write_bytes(earlier)
        geoplan.register(
            write_export(folder, *second), out=other, columns=columns, since=folder / "earlier.csv"
        )
        assert other.read_bytes() == after
