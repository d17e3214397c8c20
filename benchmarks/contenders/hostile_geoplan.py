"""geoplan drawing hostile texts: a page for each, in all places at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.contenders.hostile_pages import Draw, draw_all
from geoplan.plan import PlanLayers
from geoplan.publish.map import PlanMap, plan_map
from tests.publish.map.sample import sample_plan, with_texts

PLOTS = 60
PLACES = ["tooltip", "popup", "title", "legend"]
IDS = {
    "plots": ("plot_id", "project_id"),
    "projects": ("project_id",),
    "allocation": ("project_id", "plot_ids"),
}


def park(text: str) -> PlanLayers:
    """Return a plan whose every name and word is the text, and every plot's id begins with it."""
    plan = with_texts(sample_plan(PLOTS), (text,))
    changed = {}
    for layer, columns in IDS.items():
        frame = getattr(plan, layer).copy()
        for column in columns:
            names = frame[column].astype(object)
            frame[column] = names.where(names.isna() | (names == ""), text + names)
        changed[layer] = frame
    return replace(plan, **changed)


def draw(text: str, _: Sequence[str]) -> PlanMap:
    """Draw the plan as the command does."""
    return plan_map(park(text))


def drawing(_: dict[str, Any]) -> tuple[Draw, list[list[str]]]:
    """Return how pages are drawn, and the places, all of which share one page."""
    return draw, [PLACES]


if __name__ == "__main__":
    draw_all(*sys.argv[1:], drawing=drawing)
