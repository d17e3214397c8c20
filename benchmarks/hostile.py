"""Hostile texts on maps: which of them run, make elements, lose the page or stop the drawing."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

from benchmarks.browser import page_of
from benchmarks.measure import Run, measured
from benchmarks.peers import peer_python
from benchmarks.report import Check, Row, Section
from benchmarks.subdivision import OURS
from tests.publish.hostile import HOSTILE

TITLE = "Hostile texts"
TEXTS = HOSTILE[1::3]
"""Every third, from the second on: each text and place is a page to open."""
PEERS = {
    "folium.GeoJson": "geojson",
    "one folium.Polygon per plot": "polygons",
    "GeoDataFrame.explore()": "explore",
}
DRAWN_MS = 20_000
SETTLE_MS = 80
HARMS = ("ran", "ran in Python", "changed", "raised")

LEGEND = f"""\
`{TITLE}`: {len(TEXTS)} texts, every third of those in `tests/publish/hostile.py` from the
second on, each on a page of its own, and that once for each place that a contender offers for
texts: tooltip, popup, name of a layer, title of the page, legend. They are handed over as the
guides show it; callers escape nothing. A page is opened and unfolded, a plot of it hovered and
clicked. geoplan's pages hold a text in all places and in all layers at once; what happens counts
in each. `ran`: the text ran as JavaScript; `ran in python`: while the page was written;
`changed`: it made an element or an event handler, or the page was lost (not drawn, or left for
another); `raised`: no page was written. Each text and place counts once, as what comes first of
`ran in python`, `raised`, `ran` and `changed`; `harmed` is their sum, and the columns of the
places say where. Nobody clicks what a text made, so that a link which would run does not."""

SEEN = """() => {
    const tags = {};
    for (const { localName } of document.getElementsByTagName('*')) {
        tags[localName] = (tags[localName] ?? 0) + 1;
    }
    const handlers = '[onload], [onerror], [onmouseover], [onfocus]';
    return {
        ran: window.hacked !== undefined,
        tags: { ...tags, handlers: document.querySelectorAll(handlers).length },
    };
}"""

# Maps are named in the page's scope, geoplan's without being properties of the window.
SPOT = """() => {
    const map = %s;
    const middle = map.plan
        ? geoplan.toLatLng(map.plan.data.plots.points.x[0], map.plan.data.plots.points.y[0])
        : map.getCenter();
    const { x, y } = map.latLngToContainerPoint(middle);
    const { left, top } = map.getContainer().getBoundingClientRect();
    return [x + left, y + top];
}"""
# Leaflet and Folium draw while the page loads: what is not there a second later never will be.
DRAWN_OR_LOST = """() => {
    const { loadEventEnd } = performance.getEntriesByType('navigation')[0];
    return window.measured.interactive || (!document.querySelector('.geoplan-map')
        && loadEventEnd > 0 && performance.now() > loadEventEnd + 1000);
}"""
UNFOLD = "document.querySelectorAll('details').forEach((box) => { box.open = true; })"


@dataclass(frozen=True)
class Seen:
    """What is on a page after it was used.

    Attributes
    ----------
    ran : bool
    lost : bool
        It was not drawn, or is not there any more.
    tags : dict of str to int
        Elements by name, and ``handlers``: those that an event runs.
    captions : list of str
        Which of its plot's were shown, tooltip and popup.
    """

    ran: bool = False
    lost: bool = False
    tags: dict[str, int] = field(default_factory=dict)
    captions: list[str] = field(default_factory=list)


def section(*, peers: bool, limit_s: float) -> Section:
    """Have each contender draw the texts, and open the pages."""
    who: dict[str, tuple[str | Path, ...]] = {
        OURS: (sys.executable, "-m", "benchmarks.contenders.hostile_geoplan")
    }
    if peers:
        command = (peer_python("maps"), "-W", "ignore", "-m", "benchmarks.contenders.hostile_peers")
        who |= dict.fromkeys(PEERS, command)
    return Section(TITLE, [_row(name, command, limit_s) for name, command in who.items()])


def _row(name: str, command: Sequence[str | Path], limit_s: float) -> Row:
    print(f"map: {TITLE.lower()}: {name}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        job = {"texts": TEXTS, "pages": folder, "how": PEERS.get(name, "")}
        run = measured(command, job, repeats=1, limit_s=limit_s)
        if run.result is None:
            return _faulty(name, run, run.fault)
        pages = run.result["pages"]
        seen = opened(pages)
    plain = {_place(page): seen[page["page"]] for page in pages if page["text"] < 0}
    if any(view.lost for view in plain.values()):
        return _faulty(name, run, "a page without hostile texts is not drawn")
    for place in {place for page in pages for place in page["places"]} & {"tooltip", "popup"}:
        if not any(f".leaflet-{place}" in view.captions for view in plain.values()):
            return _faulty(name, run, f"a page without hostile texts shows no {place}")
    harms = [
        (place, harm(page, seen.get(page["page"]), plain[_place(page)]))
        for page in pages
        if page["text"] >= 0
        for place in page["places"]
    ]
    return Row(TITLE, name, run.wall_s, run.memory_gb, counted(harms))


def _faulty(name: str, run: Run, fault: str) -> Row:
    return Row(TITLE, name, run.wall_s, run.memory_gb, fault=fault)


def _place(page: dict[str, Any]) -> str:
    return str(page["places"][0])


def opened(pages: Sequence[dict[str, Any]]) -> dict[str, Seen]:
    """Open the pages that were written, one after the other, and use each."""
    with page_of([], []) as page:
        page.set_default_timeout(DRAWN_MS)
        return {each["page"]: used(page, each) for each in pages if not each["raised"]}


def used(page: Page, drawn: dict[str, Any]) -> Seen:
    """Open a page, unfold what it has, hover its plot and click it."""
    address = Path(drawn["page"]).as_uri()
    ran = False
    try:
        page.goto(address)
        page.wait_for_timeout(SETTLE_MS)
        # What ran may lose the page at once, and has run all the same.
        ran = bool(page.evaluate("window.hacked !== undefined"))
        page.wait_for_function(DRAWN_OR_LOST)
        page.evaluate(UNFOLD)
        spot = page.evaluate(SPOT % drawn["map"])
        page.mouse.move(spot[0] + 9, spot[1] + 9)
        page.mouse.move(*spot)
        page.wait_for_timeout(SETTLE_MS)
        captions = [".leaflet-tooltip"] if page.locator(".leaflet-tooltip").count() else []
        page.mouse.click(*spot)
        page.wait_for_timeout(SETTLE_MS)
        captions += [".leaflet-popup"] if page.locator(".leaflet-popup").count() else []
        seen = page.evaluate(SEEN)
    except Error:
        return Seen(ran=ran, lost=True)
    return Seen(seen["ran"], page.url != address, seen["tags"], captions)


def harm(drawn: dict[str, Any], seen: Seen | None, plain: Seen) -> str:
    """Name what a text did to a page, compared with a page of a plain text; empty if nothing.

    Parameters
    ----------
    drawn : dict
        The page as it was written: ``text`` (its place in the list), ``raised``, ``ran``.
    seen : Seen or None
        None if there was no page to open.
    plain : Seen
    """
    if drawn["ran"]:
        return "ran in Python"
    if seen is None:
        return "raised"
    if seen.ran:
        return "ran"
    named = {tag.lower() for tag in re.findall(r"<([a-zA-Z]+)", TEXTS[drawn["text"]])}
    made = [tag for tag in {*named, "handlers"} if seen.tags.get(tag, 0) > plain.tags.get(tag, 0)]
    return "changed" if seen.lost or made else ""


def counted(harms: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Count harms by kind and by place.

    >>> figures = counted([("popup", "ran"), ("popup", ""), ("title", "")])
    >>> [figures[name] for name in ("tried", "harmed", "ran", "raised", "popup", "title")]
    [3, 1, 1, 0, '1 of 2', '0 of 1']
    """
    kinds = Counter(kind for _, kind in harms if kind)
    figures: dict[str, Any] = {"tried": len(harms), "harmed": kinds.total()}
    figures |= {kind.lower().replace(" ", "_"): kinds[kind] for kind in HARMS}
    for place in dict.fromkeys(place for place, _ in harms):
        mine = [kind for where, kind in harms if where == place]
        figures[place.replace(" ", "_")] = f"{sum(map(bool, mine))} of {len(mine)}"
    return figures


def checks(rows: Sequence[Row]) -> list[Check]:
    """Hold geoplan's pages against what they are to be: harmed by nothing."""
    return [
        Check(row.case, "harmed", row.fault or row.figures["harmed"], "0", not any_harm(row))
        for row in rows
        if row.contender == OURS
    ]


def any_harm(row: Row) -> bool:
    """Tell whether a text did anything, or the pages could not be made."""
    return bool(row.fault) or row.figures["harmed"] > 0
