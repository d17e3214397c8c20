"""A page opened in headless Chromium: how soon it can be used, and how quickly it answers."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page, Route, ViewportSize, sync_playwright

WINDOW: ViewportSize = {"width": 1400, "height": 900}
HOVERS, CLICKS, DRAGS = 15, 5, 3
PATIENCE_S = 300.0
MB = 1e6

# A frame has been shown when a task runs that was queued in the animation frame before it.
WATCH = """
window.measured = { frames: [] };
const after = (then) => requestAnimationFrame(() => setTimeout(then));
const drawn = () => document.querySelector('[data-ready]')
    || (!document.querySelector('.geoplan-map') && document.readyState === 'complete'
        && document.querySelector('.leaflet-overlay-pane :is(path, canvas)'));
const wait = () => (drawn()
    ? after(() => { window.measured.interactive = performance.now(); }) : setTimeout(wait, 10));
wait();
for (const name of ['mousemove', 'click', 'mouseup', 'input']) {
    addEventListener(name, () => {
        const begun = performance.now();
        after(() => window.measured.frames.push([name, performance.now() - begun]));
    }, true);
}
"""

# Folium makes the content of popups with jQuery; of what it can do, the pages need this alone.
JQUERY = """
window.$ = window.jQuery = (html) => {
    const box = document.createElement('template');
    box.innerHTML = html.trim();
    return [...box.content.childNodes];
};
"""


@contextmanager
def page_of(requests: list[str], errors: list[str]) -> Iterator[Page]:
    """Open an empty page that has no network: what pages ask for is answered from the disk."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"],
        )
        page = browser.new_page(viewport=WINDOW)
        page.set_default_timeout(PATIENCE_S * 1e3)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: requests.append(request.url))
        page.route(lambda url: not url.startswith("file:"), answer)
        page.add_init_script(WATCH)
        yield page
        browser.close()


def answer(route: Route) -> None:
    """Give Leaflet to who asks for it, a little jQuery, and nothing to all else."""
    name = Path(urlsplit(route.request.url).path).name
    if name in ("leaflet.js", "leaflet.css"):
        route.fulfill(path=leaflet(name))
    elif name.startswith("jquery"):
        route.fulfill(body=JQUERY, content_type="text/javascript")
    elif name.endswith((".js", ".css")):
        route.fulfill(
            body="", content_type="text/css" if name.endswith(".css") else "text/javascript"
        )
    else:
        route.fulfill(status=204)


def leaflet(name: str) -> Path:
    """Return where the wheel that carries Leaflet has one of its files."""
    files = metadata.files("XStatic-Leaflet") or []
    return next(Path(str(f.locate())) for f in files if f.match(f"data/{name}"))


def figures(path: Path) -> dict[str, Any]:
    """Open a page and use it.

    Returns
    -------
    dict
        ``html_mb``; ``requests`` for anything but the page itself and how many ``hosts`` they
        go to; ``interactive_s``, from its opening until it is drawn; ``heap_mb`` of JavaScript
        after garbage is collected, and ``nodes``; medians in ms from the event to the frame
        after it: ``hover_ms``, ``click_ms``, ``drag_ms``, and ``year_ms`` where years can be
        chosen; ``errors`` in the console.
    """
    requests: list[str] = []
    errors: list[str] = []
    found: dict[str, Any] = {"html_mb": path.stat().st_size / MB}
    with page_of(requests, errors) as page:
        try:
            page.goto(path.as_uri(), wait_until="commit")
            found["interactive_s"] = interactive_s(page)
        except Error as error:
            return found | {"interactive_s": None, "failed": str(error).splitlines()[0]}
        if found["interactive_s"] is None:
            return found | {"failed": f"not drawn in {PATIENCE_S:.0f} s"}
        found["heap_mb"], found["nodes"] = memory(page)
        use(page)
        found |= medians(page.evaluate("window.measured.frames"))
    asked = [url for url in requests if not url.startswith(("file:", "blob:", "data:"))]
    found["requests"] = len(asked)
    found["hosts"] = len({urlsplit(url).hostname for url in asked})
    found["errors"] = len(errors)
    return found


def interactive_s(page: Page) -> float | None:
    """Wait until a page is drawn; None if it is not in time."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_S:
        if (drawn_ms := page.evaluate("window.measured.interactive")) is not None:
            return float(drawn_ms) / 1e3
        page.wait_for_timeout(20)
    return None


def memory(page: Page) -> tuple[float, int]:
    """Return the memory of JavaScript in MB, typed arrays included, and the count of elements."""
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    used = page.evaluate("performance.memory.usedJSHeapSize")
    return used / MB, int(page.evaluate("document.getElementsByTagName('*').length"))


def use(page: Page) -> None:
    """Move the mouse over plots, click them, drag the map, and go through the years."""
    middle_x, middle_y = 0.55 * WINDOW["width"], 0.5 * WINDOW["height"]
    for step in range(HOVERS):
        page.mouse.move(middle_x + 17 * step - 119, middle_y + 11 * step - 77)
        page.wait_for_timeout(60)
    for step in range(CLICKS):
        page.mouse.move(middle_x + 37 * step - 74, middle_y - 29 * step + 58)
        page.wait_for_timeout(60)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_timeout(250)
        page.keyboard.press("Escape")
    for step in range(DRAGS):
        page.mouse.move(middle_x, middle_y)
        page.mouse.down()
        page.mouse.move(middle_x + 40 * (-1) ** step, middle_y + 20, steps=3)
        page.wait_for_timeout(120)  # a quick end would throw the map
        page.mouse.up()
        page.wait_for_timeout(300)
    years = page.locator("input[type=range]")
    if years.count():
        years.first.focus()
        for key in ("End", "ArrowLeft", "ArrowLeft"):
            page.keyboard.press(key)
            page.wait_for_timeout(300)


def medians(frames: list[tuple[str, float]]) -> dict[str, float]:
    """Name the medians of what was measured event by event."""
    names = {"mousemove": "hover_ms", "click": "click_ms", "mouseup": "drag_ms", "input": "year_ms"}
    by_name = {
        figure: [ms for event, ms in frames if event == name] for name, figure in names.items()
    }
    by_name["hover_ms"] = by_name["hover_ms"][:HOVERS]
    by_name["click_ms"] = by_name["click_ms"][:CLICKS]  # a drag ends with one as well
    by_name["drag_ms"] = by_name["drag_ms"][-DRAGS:]
    return {figure: statistics.median(values) for figure, values in by_name.items() if values}
