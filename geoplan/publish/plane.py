"""Points and their proven limit as shapes on a plane, ready for an SVG picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoplan.publish.formats import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

WIDTH, HEIGHT = 760, 430
LEFT, RIGHT, TOP, BOTTOM = 78, 18, 16, 58
MARGIN_SHARE = 0.08
"""Room around the points, of the range that they span."""
TICKS = 6

Pair = tuple[float, float]


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where it is, and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Dot:
    """A point of the curve in the picture."""

    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Plane:
    """A picture of :data:`WIDTH` x :data:`HEIGHT`; outlines are SVG paths.

    Attributes
    ----------
    box : tuple of float
        Left, top, width and height of what the axes enclose.
    open, reached : str
        Where answers are not ruled out, and where found ones are at least as good.
    limit : str
        What is proven.
    dots : tuple of Dot
    across, up : tuple of Tick
    """

    box: tuple[float, float, float, float]
    open: str
    reached: str
    limit: str
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class _Scale:
    """From values to the picture, with what lies outside brought to its edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 2)


def drawn_on_plane(points: pd.DataFrame, limit: pd.DataFrame) -> Plane:
    """Draw a curve.

    Parameters
    ----------
    points : DataFrame
        ``point, value_a, value_b``; two of them at least.
    limit : DataFrame
        ``a, b``, as :class:`geoplan.curve.Curve` has it.
    """
    found = list(zip(points["value_a"].tolist(), points["value_b"].tolist(), strict=True))
    corners = list(zip(limit["a"].tolist(), limit["b"].tolist(), strict=True))
    seen = [*found, *((a, b) for a, b in corners if a >= min(point[0] for point in found))]
    x = _Scale(*_range(a for a, _ in seen), LEFT, WIDTH - RIGHT)
    y = _Scale(*_range(b for _, b in seen), HEIGHT - BOTTOM, TOP)
    floor = (x.low, y.low)
    edge = [(x.low, corners[0][1]), *corners, (corners[-1][0], y.low)] if corners else []
    return Plane(
        box=(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM),
        open=_path([floor, *edge], x, y, closed=True),
        reached=_path([floor, *_stairs(found, x.low, y.low)], x, y, closed=True),
        limit=_path(edge, x, y),
        dots=tuple(
            Dot(int(name), x(a), y(b))
            for name, (a, b) in zip(points["point"].tolist(), found, strict=True)
        ),
        across=_ticks(x),
        up=_ticks(y),
    )


def _stairs(found: Sequence[Pair], left: float, bottom: float) -> list[Pair]:
    """Outline what is no better than the points, from the upper left to the lower right."""
    outline: list[Pair] = []
    for a, b in sorted(found):
        outline += [(outline[-1][0] if outline else left, b), (a, b)]
    return [*outline, (outline[-1][0], bottom)]


def _range(values: Iterable[float]) -> Pair:
    known = list(values)
    low, high = min(known), max(known)
    margin = MARGIN_SHARE * (high - low) or max(abs(high), 1.0) * MARGIN_SHARE
    return low - margin, high + margin


def _path(corners: Iterable[Pair], x: _Scale, y: _Scale, *, closed: bool = False) -> str:
    spots = [f"{x(a):g} {y(b):g}" for a, b in corners]
    if not spots:
        return ""
    return f"M{' L'.join(dict.fromkeys(spots))}{'Z' if closed else ''}"


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    """Mark round values: 1, 2 or 5 times a power of ten apart."""
    rough = (scale.high - scale.low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(scale.low / step), math.floor(scale.high / step)
    return tuple(
        Tick(scale(each * step), number(each * step, decimals)) for each in range(first, last + 1)
    )
