"""The DXF drawing, opened again with ezdxf as a contractor's program would."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

import ezdxf
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from ezdxf import recover
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import rotate

from geoplan.publish.exports.dxf import APP_ID, write_dxf

from .hostile import HOSTILE
from .sample import sample_plan

CONTROLS = (
    "100% %%c %%%d",
    "^J ^ I",
    "\\U+0041 \\M+1ABCD",
    "{\\P} \\\\",
    "a\nb\r\n0\nEOF",
    "",
    " ",
)
TYPED = (*CONTROLS, *HOSTILE)


def drawn(plan, path):
    write_dxf(plan, path)
    drawing = ezdxf.readfile(path)
    audit = drawing.audit()
    assert (audit.errors, audit.fixes) == ([], [])
    return drawing


def with_shapes(*shapes):
    plan = sample_plan()
    plots = plan.plots.iloc[: len(shapes)]
    shapes = gpd.GeoSeries(shapes, index=plots.index, crs=plots.crs)
    plots = plots.set_geometry(shapes).assign(area_ha=shapes.area / 10_000)
    return replace(plan, plots=plots)


def areas_m2(drawing, layer="PLOTS"):
    """Return what each record's contours enclose, by its id."""
    areas = defaultdict(float)
    for entity in drawing.modelspace().query(f'LWPOLYLINE[layer=="{layer}"]'):
        assert entity.closed
        *name, contour = (tag.value for tag in entity.get_xdata(APP_ID))
        area = Polygon([point[:2] for point in entity.get_points()]).area
        areas["".join(name)] += area if contour == 1 else -area
    return dict(areas)


def test_plots_have_the_plans_ids_and_areas(tmp_path):
    plan = sample_plan()
    found = areas_m2(drawn(plan, tmp_path / "a.dxf"))
    assert list(found) == plan.plots["plot_id"].tolist()
    np.testing.assert_allclose(list(found.values()), plan.plots.area, atol=1e-3)


def test_a_hole_is_a_further_contour(tmp_path):
    holed = box(0, 0, 100, 80).difference(box(40, 30, 60, 50))
    plan = with_shapes(holed, box(200, 0, 300, 80))
    assert list(areas_m2(drawn(plan, tmp_path / "a.dxf")).values()) == pytest.approx([7600, 8000])


def test_every_layer_of_the_plan_is_drawn(tmp_path):
    drawing = drawn(sample_plan(), tmp_path / "a.dxf")
    count = defaultdict(int)
    for entity in drawing.modelspace():
        count[entity.dxf.layer] += 1
    assert count == {
        "ZONES": 2, "STREETS_AXES": 2, "STREETS_LAND": 2, "PLOTS": 6, "LAND_EXCLUDED": 1,
        "LAND_GREEN": 2, "LAND_RESERVE": 1, "LAND_RESIDUAL": 1, "LAND_SERVICES": 1,
        "LAND_UTILITIES": 1, "EXCLUSIONS": 1, "GATES": 2, "UTILITIES": 2, "RECEPTORS": 2,
        "PLOTS_TEXT": 6, "PLOTS_AREAS": 6, "ZONES_TEXT": 2, "NOTES": 3,
    }  # fmt: skip
    assert all(re.fullmatch("[A-Z0-9_]+", name) for name in count)
    assert set(count) <= {layer.dxf.name for layer in drawing.layers}


def test_units_are_metres_and_the_crs_is_told(tmp_path):
    drawing = drawn(sample_plan(), tmp_path / "a.dxf")
    assert drawing.header["$INSUNITS"] == 6
    told = "CRS: WGS 84 / UTM zone 42N (EPSG:32642); X = east, Y = north, metres"
    notes = [entity.dxf.text for entity in drawing.modelspace().query('TEXT[layer=="NOTES"]')]
    assert notes == [sample_plan().name, sample_plan().notice, told]
    assert (tmp_path / "a.dxf").read_text(encoding="utf-8").startswith(f"999\n{told}\n")


def corners_of(text):
    """Return the box of a text as wide as Arial's letters are at most."""
    spot, height = text.dxf.align_point, text.dxf.height
    half = len(text.plain_text()) * 0.5 * height
    frame = box(spot.x - half, spot.y - height / 2, spot.x + half, spot.y + height / 2)
    return rotate(frame, text.dxf.rotation, origin=(spot.x, spot.y))


@pytest.mark.parametrize("turn_deg", [0, 30, 90, 135, 275])
def test_words_stand_in_their_plots_and_are_read_without_turning_the_head(tmp_path, turn_deg):
    shapes = [
        box(0, 0, 300, 40),
        box(400, 0, 420, 200),
        Polygon([(500, 0), (700, 0), (700, 40), (540, 40), (540, 200), (500, 200)]),
        Polygon([(800, 0), (1000, 0), (800, 150)]),
    ]
    plan = with_shapes(*(rotate(shape, turn_deg, origin=(0, 0)) for shape in shapes))
    drawing = drawn(plan, tmp_path / "a.dxf")
    for layer in ("PLOTS_TEXT", "PLOTS_AREAS"):
        texts = drawing.modelspace().query(f'TEXT[layer=="{layer}"]')
        assert len(texts) == len(shapes)
        for text, shape in zip(texts, plan.plots.geometry, strict=True):
            assert shape.buffer(1e-6).covers(corners_of(text))
            assert -90 < text.dxf.rotation <= 90.001
            assert text.dxf.height > 1


def test_ids_are_shown_as_they_are(tmp_path):
    texts = drawn(sample_plan(), tmp_path / "a.dxf").modelspace().query('TEXT[layer=="PLOTS_TEXT"]')
    assert [text.plain_text() for text in texts] == sample_plan().plots["plot_id"].tolist()


@pytest.mark.parametrize("first", range(0, len(TYPED), 6))
def test_what_was_typed_is_shown_as_text_and_adds_nothing(tmp_path, first):
    plan = sample_plan()
    ids = [TYPED[(first + number) % len(TYPED)] for number in range(len(plan.plots))]
    # As objects: where pyarrow is, pandas' own kind of text has no lone surrogates.
    plots = plan.plots.assign(plot_id=pd.Series(ids, dtype=object))
    path = tmp_path / "a.dxf"
    drawing = drawn(replace(plan, name=ids[0], plots=plots), path)
    texts = drawing.modelspace().query('TEXT[layer=="PLOTS_TEXT"]')
    assert [text.plain_text() for text in texts] == [as_shown(name) for name in ids]
    assert len(drawing.modelspace()) == 43
    repaired, audit = recover.readfile(path)
    assert audit.errors == []
    assert sum(areas_m2(repaired).values()) == pytest.approx(6 * 18_000.0)


def as_shown(name):
    """Say what CAD shows of a text: one line, without what no file holds."""
    clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "\ufffd", name)
    return " ".join(re.sub(r"\\(?=U\+[0-9A-F]{4}|M\+1)", "＼", clean).splitlines())


def test_parts_of_receptors_are_drawn_each(tmp_path):
    shapes = sample_plan().receptors.geometry
    assert isinstance(shapes[0], MultiPolygon)
    drawing = drawn(sample_plan(), tmp_path / "a.dxf")
    contours = [
        entity.get_xdata(APP_ID)[-1].value
        for entity in drawing.modelspace().query('LWPOLYLINE[layer=="RECEPTORS"]')
    ]
    assert contours == [1, 2]


def test_ezdxfs_own_setting_is_as_it_was_afterwards(tmp_path):
    before = ezdxf.options.write_fixed_meta_data_for_testing
    write_dxf(sample_plan(), tmp_path / "a.dxf")
    assert ezdxf.options.write_fixed_meta_data_for_testing == before
