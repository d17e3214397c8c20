"""The page is a Folium map that holds all it needs, the same bytes each time."""

from __future__ import annotations

import html
import re
from importlib import metadata

import folium
import pytest

from geoplan.errors import GeoplanError
from geoplan.plan import PlanLayers
from geoplan.publish.map import PlanMap, leaflet, map_html, page, plan_map
from geoplan.publish.map.layers import LAYERS
from geoplan.publish.map.leaflet import leaflet_css, leaflet_js

from ..hostile import HOSTILE
from .sample import sample_plan, with_texts
from .unpacked import code_of


def folium_script(drawn: PlanMap) -> str:
    """Return what Folium's elements say in a page, after Leaflet and the page's own scripts."""
    return code_of(drawn.get_root().render()).split("geoplan.map(")[-1]


def test_it_is_a_folium_map_with_folium_layers(plan: PlanLayers) -> None:
    drawn = plan_map(plan)
    assert isinstance(drawn, folium.Map)
    layers = [child for child in drawn._children.values() if isinstance(child, folium.map.Layer)]
    assert [layer.layer_name for layer in layers] == [layer.title for layer in LAYERS]
    assert sum(isinstance(c, folium.LayerControl) for c in drawn._children.values()) == 1


def test_the_same_plan_gives_the_same_bytes(plan: PlanLayers) -> None:
    assert map_html(plan) == map_html(sample_plan())
    drawn = plan_map(plan)
    assert drawn.get_root().render() == drawn.get_root().render() == map_html(plan)


def test_another_plan_gives_other_bytes(plan: PlanLayers) -> None:
    assert map_html(sample_plan(name="Another")) != map_html(plan)


def test_two_hundred_plots_fit_into_three_hundred_kilobytes(plan: PlanLayers) -> None:
    assert len(plan.plots) >= 200
    assert len(map_html(plan).encode("utf-8")) <= 300_000


def test_the_page_links_to_nothing(plan: PlanLayers, linked: re.Pattern[str]) -> None:
    text = map_html(plan)
    sheets = "".join(page._asset(name) for name in page.STYLES) + leaflet_css()
    markup = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL) + sheets
    assert not linked.search(markup)
    assert not re.search(r"url\((?!data:|#)", markup)
    assert "@import" not in markup


def test_the_page_has_language_title_policy_and_may_be_pinched(plan: PlanLayers) -> None:
    text = map_html(plan)
    assert '<html lang="en">' in text
    assert f"<title>{plan.name}</title>" in text
    assert "default-src 'none'" in text
    assert "'unsafe-inline'" not in text.split("script-src")[1].split(";")[0]
    assert "user-scalable=no" not in text
    assert "maximum-scale" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_tag_to_the_page(plan: PlanLayers, text: str) -> None:
    page_html = map_html(with_texts(plan, (text,)))
    plain = map_html(plan)
    tags = re.compile(r"<[a-zA-Z/!]")
    assert len(tags.findall(page_html)) == len(tags.findall(plain))
    page_html.encode("utf-8")


def test_a_notebook_shows_the_same_page(plan: PlanLayers) -> None:
    shown = plan_map(plan)._repr_html_()
    framed = re.search(r'srcdoc="([^"]*)"', shown)
    assert framed is not None
    assert html.unescape(framed[1]).strip() == map_html(plan).strip()


def test_a_stock_layer_without_files_may_be_added(plan: PlanLayers) -> None:
    drawn = plan_map(plan)
    assert "L.circleMarker(" not in folium_script(drawn)
    folium.CircleMarker([51.2, 71.4]).add_to(drawn)
    assert "L.circleMarker(" in folium_script(drawn)


def test_an_element_that_loads_files_is_refused(plan: PlanLayers) -> None:
    drawn = plan_map(plan)
    drawn.get_root().header.add_child(
        folium.elements.JavascriptLink("https://example.invalid/plugin.js"), name="plugin"
    )
    with pytest.raises(GeoplanError, match=r"example\.invalid/plugin\.js"):
        drawn.get_root().render()


def test_the_map_knows_its_bounds(plan: PlanLayers) -> None:
    (south, west), (north, east) = plan_map(plan).get_bounds()
    wanted = plan.zones.to_crs("EPSG:4326").total_bounds
    assert (west, south, east, north) == pytest.approx(tuple(wanted))


def test_leaflet_is_the_release_that_folium_names() -> None:
    wanted = dict(folium.Map.default_js)["leaflet"]
    release = re.search(r"leaflet@([\d.]+)/", wanted)
    assert release is not None
    assert f"Leaflet {release[1]}," in leaflet_js()[:200]
    assert "sourceMappingURL" not in leaflet_js()
    assert leaflet_css().count("data:image/png;base64,") == 3


def test_a_missing_leaflet_is_said_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(leaflet.metadata, "files", missing)
    with pytest.raises(GeoplanError, match=r"leaflet\.js.*Install"):
        leaflet._file("leaflet.js")


def test_own_scripts_have_no_template_marks() -> None:
    names = [*page.SCRIPTS, *page.STYLES]
    assert len(names) == len(set(names)) > 20
    assert not [name for name in names if re.search(r"\{\{|\{%|\{#", page._asset(name))]


def test_the_policy_knows_every_script_that_runs_and_no_other(plan: PlanLayers) -> None:
    text = map_html(plan)
    inline = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    runs = [*inline, code_of(text)]
    policy = text.split("script-src ")[1].split(";")[0].split()
    assert policy == [page._digest(script) for script in runs]
    assert "</script" not in "".join(inline)
