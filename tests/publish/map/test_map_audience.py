"""What investors must not know is not in their file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geoplan.cli.options import Audience, Language
from geoplan.errors import GeoplanError
from geoplan.plan import PlanLayers
from geoplan.publish.map import map_html, plan_map
from geoplan.publish.map.audience import AUDIENCES, TAKEN, TOLD, plan_for
from geoplan.publish.map.audience import TOLD_OF_FREE_PLOTS as OF_FREE
from geoplan.publish.map.audience import TOLD_OF_PLOTS as OF_ALL
from geoplan.publish.map.words import LANGUAGES

from .conftest import OpenMap
from .unpacked import texts_of, unpacked

MARK = "sécrèt"
SECRET_NUMBER = 7_654_321
PUBLIC = {**TOLD, "plots": (*OF_ALL, *OF_FREE)}


def marked(plan: PlanLayers) -> PlanLayers:
    """Return a plan with a mark in every text, and a number, that investors must not know.

    Every layer also has columns that no list of ours knows of, and the plots that are taken
    have the mark in what is told of free ones.
    """
    changed: dict[str, Any] = {}
    for field in fields(PlanLayers):
        value = getattr(plan, field.name)
        if isinstance(value, pd.DataFrame):
            changed[field.name] = _marked(value, PUBLIC.get(field.name, ()), field.name)
    plots = changed["plots"]
    taken = plan.plots["project_id"].notna().to_numpy()
    plots["cadastral_number"] = np.where(taken, f"{MARK} deed", "21:318:001:042")
    plots["price_mln_kzt"] = np.where(taken, SECRET_NUMBER, 12.5)
    plots["servicing"] = np.where(taken, f"{MARK} pipes", "planned")
    plots["frontage_m"] = np.where(taken, SECRET_NUMBER, 60.0)
    plots["market"] = plan.plots["market"].where(~taken, f"{MARK} state")
    plots["project_id"] = plan.plots["project_id"].map(lambda name: MARK + name, "ignore")
    manifest = {"settings": {"note": MARK}, "replan": {"gain": SECRET_NUMBER}}
    return replace(plan, manifest=manifest, **changed)


def _marked(table: pd.DataFrame, public: Iterable[str], layer: str) -> pd.DataFrame:
    table = table.assign(remarks=f"{MARK} of {layer}", offer=SECRET_NUMBER)
    geometry = table.geometry.name if isinstance(table, gpd.GeoDataFrame) else None
    for name in table.columns.drop(geometry, errors="ignore") if geometry else table.columns:
        if name in public or (layer, name) in {("plots", "project_id"), ("allocation", "status")}:
            continue
        numeric = pd.api.types.is_numeric_dtype(table[name])
        table[name] = SECRET_NUMBER if numeric else f"{MARK} {name}"
    return table


@pytest.fixture(scope="module")
def secretive(plan: PlanLayers) -> PlanLayers:
    return marked(plan)


def test_marks_are_found_where_they_are_told(secretive: PlanLayers) -> None:
    """The search would find what it looks for: planners are told all of it."""
    broken = replace(secretive, exclusions=secretive.exclusions.assign(kind=MARK))
    tree, numbers = unpacked(map_html(plan_for(broken, "investor")))
    assert any(MARK in text for text in texts_of(tree))
    named = replace(broken, receptors=broken.receptors.assign(distance_m=SECRET_NUMBER))
    tree, numbers = unpacked(map_html(plan_for(named, "investor")))
    assert any(abs(number - SECRET_NUMBER) < 1 for number in numbers)


def test_no_marked_text_or_number_is_in_the_investors_file(secretive: PlanLayers) -> None:
    html = map_html(secretive, audience="investor")
    tree, numbers = unpacked(html)
    told = texts_of(tree)
    assert "21:318:001:042" in told  # the number of a plot on offer is told
    assert [text for text in told if MARK in text] == []
    assert MARK not in html
    assert json.dumps(MARK)[1:-1] not in html
    assert [number for number in numbers if abs(abs(number) - SECRET_NUMBER) < 1] == []


def test_columns_of_numbers_hold_nothing_of_a_project(secretive: PlanLayers) -> None:
    """Not under another name either: each number that a project has is a prime of its own."""
    primes = [n for n in range(400_000, 403_000) if all(n % d for d in range(2, 635))]
    demands = secretive.projects.select_dtypes("number").columns
    given = secretive.projects.assign(
        **{name: float(prime) for name, prime in zip(demands, primes, strict=False)}
    )
    plan = replace(secretive, projects=given)
    _, numbers = unpacked(map_html(plan, audience="investor"))
    assert len(demands) > 8
    assert not {round(abs(number)) for number in numbers} & set(primes[: len(demands)])


def test_free_plots_are_told_and_taken_ones_only_as_taken(plan: PlanLayers) -> None:
    market = plan.plots["market"].copy()
    market.iloc[3] = "not marketable"
    plots = plan.plots.assign(market=market)
    told = plan_for(replace(plan, plots=plots), "investor").plots
    taken = plots["project_id"].notna()
    assert set(told["market"][taken]) == {TAKEN}
    free = ~taken & (market == "for sale")
    assert free.sum() > 20
    assert (told["market"][free] == "for sale").all()
    for name in set(OF_FREE) & set(told.columns):
        assert told[name][free].equals(plots[name][free].astype(told[name].dtype)), name
        assert told[name][~free].isna().all(), name
    assert told["plot_id"].equals(plots["plot_id"])
    assert told["project_id"].isna().all()


def test_land_off_the_market_that_nobody_holds_is_not_called_taken(plan: PlanLayers) -> None:
    row = int(np.flatnonzero(plan.plots["project_id"].isna())[0])
    market = plan.plots["market"].copy()
    market.iloc[row] = "not marketable"
    told = plan_for(replace(plan, plots=plan.plots.assign(market=market)), "investor").plots
    assert told["market"].iloc[row] == "not marketable"
    assert pd.isna(told["frontage_m"].iloc[row])


def test_planners_are_told_the_plan_itself(plan: PlanLayers) -> None:
    assert plan_for(plan, "planner") is plan


def test_the_command_knows_all_audiences_and_languages() -> None:
    assert tuple(each.value for each in Audience) == AUDIENCES
    assert tuple(each.value for each in Language) == LANGUAGES


def test_another_audience_is_refused_and_so_are_two_plans_for_investors(plan: PlanLayers) -> None:
    with pytest.raises(GeoplanError, match="investor"):
        plan_map(plan, audience="invester")
    with pytest.raises(GeoplanError, match="for planners alone"):
        plan_map(plan, audience="investor", against=plan)


def test_the_investors_page_shows_what_is_on_offer(
    plan: PlanLayers, open_drawn: Callable[..., OpenMap]
) -> None:
    offered = replace(plan, plots=plan.plots.assign(price_mln_kzt=9.5, cadastral_number="C-1"))
    opened = open_drawn(plan_map(offered, audience="investor"), offered)
    free, held = opened.ask(
        "['for sale', 'taken'].map((state) => [...Array(plan.data.plots.shapes.count).keys()]"
        ".find((plot) => plan.data.plots.table.at('market', plot) === state))"
    )
    opened.ask(f"plan.visit({free})")
    told = opened.page.locator(".geoplan-passport").inner_text()
    for words in ("Frontage", "Servicing", "Available from", "9.5 mln KZT", "C-1", "8.5 MW free"):
        assert words in told, words
    opened.ask(f"plan.visit({held})")
    told = opened.page.locator(".geoplan-passport").last.inner_text()
    assert "taken" in told
    for words in ("Frontage", "Price", "C-1", "free", "Project"):
        assert words not in told, words
    panel = opened.page.locator(".geoplan-panel").inner_text()
    assert "Plots on offer" in panel
    for words in ("Projects", "without a plot", "Errors", "sector"):
        assert words not in panel, words
    assert opened.page.locator(".leaflet-control-layers label", has_text="Findings").count() == 0
    tabs = opened.ask("[...plan.dock.querySelectorAll('[role=tab]')].map((tab) => tab.dataset.tab)")
    assert tabs == ["plots", "streets"]
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_the_investors_file_is_the_same_in_every_run(plan: PlanLayers) -> None:
    assert map_html(plan, audience="investor") == map_html(plan, audience="investor")
    assert map_html(plan, audience="investor") != map_html(plan)
