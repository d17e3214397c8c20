"""Plans to draw, and their maps opened in a browser."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from geoplan.plan import PlanLayers
from geoplan.publish.map import PlanMap, plan_map

from ..conftest import Opened
from .sample import sample_plan

WAIT_MS = 10_000
OPEN_MS = 60_000


class OpenMap(Opened):
    """A map in a browser, with the plan that it shows."""

    plan: PlanLayers
    drawn: PlanMap

    def ask(self, expression: str) -> object:
        """Evaluate JavaScript in which `map` is the Leaflet map and `plan` what it shows."""
        name = self.drawn.get_name()
        names = f"const map = {name}, plan = map.plan;"
        return self.page.evaluate(f"() => {{ {names} return {expression}; }}")

    def colour_at(self, x: float, y: float) -> str:
        """Return the colour that is seen at a place in the window."""
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        return "#{:02x}{:02x}{:02x}".format(*picture.getpixel((round(x), round(y))))

    def pixel_of_plot(self, plot: int) -> tuple[float, float]:
        """Return where in the window a plot's label point lies."""
        point = self.ask(
            "(({x, y}) => map.latLngToContainerPoint(geoplan.toLatLng(x, y)))"
            f"({{x: plan.data.plots.points.x[{plot}], y: plan.data.plots.points.y[{plot}]}})"
        )
        return point["x"], point["y"]


@pytest.fixture(scope="session")
def plan() -> PlanLayers:
    """Return a plan of 240 plots."""
    return sample_plan()


@pytest.fixture
def open_drawn(open_file: Callable[..., Opened], tmp_path: Path) -> Callable[..., OpenMap]:
    """Return a function that saves a map, opens it and waits until it is drawn."""

    def opening(drawn: PlanMap, plan: PlanLayers, **window: int) -> OpenMap:
        path = tmp_path / "map.html"
        drawn.save(str(path))
        watched = open_file(path, **window)
        watched.page.set_default_timeout(WAIT_MS)
        watched.page.wait_for_selector("[data-ready], [role=alert]", timeout=OPEN_MS)
        assert watched.page.locator("[data-ready]").count(), watched.errors
        opened = OpenMap(watched.page, watched.errors, watched.requests)
        opened.plan, opened.drawn = plan, drawn
        return opened

    return opening


@pytest.fixture
def open_map(open_drawn: Callable[..., OpenMap]) -> Callable[..., OpenMap]:
    """Return a function that opens a plan's map."""

    def opening(plan: PlanLayers, **window: int) -> OpenMap:
        return open_drawn(plan_map(plan), plan, **window)

    return opening
