"""The bundled park's map looks as it did; `pytest --renew-pictures` takes the pictures anew."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from .planned import Planned

PICTURES = Path(__file__).parent.parent / "publish" / "map" / "golden"
WIDE, NARROW, SHEET = (1000, 700), (390, 800), (1047, 718)
# By itself a map fits between its panels, whose widths depend on the letters.
AT, AT_NARROW = "view=14_51.2164_71.4749", "view=13.75_51.223_71.4772"
SIGHTS = {
    "day": (WIDE, f"theme=day&{AT}"),
    "night": (WIDE, f"theme=night&{AT}"),
    "phone": (NARROW, f"theme=day&{AT_NARROW}"),
    "print": (SHEET, "theme=day"),
    "land": (WIDE, f"theme=day&{AT}"),
    "land_night": (WIDE, f"theme=night&{AT}"),
}
LAYERS = ("plots", "streets", "land", "spz", "receptors", "exclusions", "gates")
"""What is looked for; the zones lie hidden below."""
LARGEST_BYTES = 150_000
# Edges of what is drawn differ a little from machine to machine: pictures are compared in cells
# of so many pixels. Letters differ more: the land is also looked at without them, closely.
CELL_PX = 8
LOOSE = {"off": 24, "share": 0.05, "mean": 4.0}
CLOSE = {"off": 6, "share": 0.001, "mean": 0.08}
WITHOUT_LETTERS = """
.leaflet-control-container, .geoplan-foot, canvas[data-part=labels] { display: none; }
"""

Array = np.ndarray


@pytest.fixture(scope="module")
def sight(browser: Browser, planned: Planned) -> Iterator[Callable[[str], Page]]:
    """Return a function that opens the park's map in one of its sights."""
    contexts = []

    def opening(name: str) -> Page:
        (width, height), state = SIGHTS[name]
        context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{(planned.folder / 'map.html').as_uri()}#{state}")
        page.wait_for_selector("[data-ready]")
        page.mouse.move(1, 1)
        if name == "print":
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
        if name.startswith("land"):
            page.evaluate(
                "(css) => document.head.append(geoplan.element('style', '', css))", WITHOUT_LETTERS
            )
        page.wait_for_timeout(300)
        return page

    yield opening
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def land(sight: Callable[[str], Page]) -> Page:
    return sight("land")


def picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def cells(image: Image.Image) -> Array:
    """Return the mean colour of each square of so many pixels."""
    pixels = np.asarray(image, dtype=float)
    rows, columns = (side // CELL_PX for side in pixels.shape[:2])
    cut = pixels[: rows * CELL_PX, : columns * CELL_PX]
    return cut.reshape(rows, CELL_PX, columns, CELL_PX, 3).mean(axis=(1, 3))


def differs(one: Image.Image, other: Image.Image, *, off: float) -> tuple[float, float]:
    """Return the share of cells that are off by more, and the mean difference of all (0-255)."""
    assert one.size == other.size
    apart = np.abs(cells(one) - cells(other))
    return float((apart.max(axis=2) > off).mean()), float(apart.mean())


def is_alike(one: Image.Image, other: Image.Image, tolerance: dict[str, float]) -> bool:
    share, mean = differs(one, other, off=tolerance["off"])
    return share <= tolerance["share"] and mean <= tolerance["mean"]


@pytest.mark.parametrize("name", SIGHTS)
def test_the_map_looks_as_in_its_picture(
    sight: Callable[[str], Page], name: str, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    path = PICTURES / f"{name}.png"
    now = picture(sight(name))
    if pytestconfig.getoption("--renew-pictures"):
        now.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    now.save(tmp_path / path.name)
    golden = Image.open(path).convert("RGB")
    assert path.stat().st_size <= LARGEST_BYTES
    tolerance = CLOSE if name.startswith("land") else LOOSE
    found = differs(now, golden, off=tolerance["off"])
    assert is_alike(now, golden, tolerance), f"{found}; compare {path} with {tmp_path}"


@pytest.mark.parametrize("part", LAYERS)
def test_a_layer_that_is_missing_is_noticed(land: Page, part: str) -> None:
    golden = Image.open(PICTURES / "land.png").convert("RGB")
    canvas = f"document.querySelector('canvas[data-part={part}]')"
    land.evaluate(f"{canvas}.style.opacity = 0")
    missing = picture(land)
    land.evaluate(f"{canvas}.style.opacity = 1")
    assert not is_alike(missing, golden, CLOSE)
