"""What no answer can pass: all that is proven of two objectives, as one line in their plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Pair = tuple[float, float]


@dataclass(frozen=True)
class Barrier:
    """Proven limits to two objectives a and b.

    Attributes
    ----------
    corners : tuple of tuple of float
        (a, b): whoever has more than a of the first has no more than b of the second. Minus
        infinity for a: nobody has more than b; for b: nobody has more than a.
    lines : tuple of tuple of float
        (weight, most): nobody has more than most of a + weight x b.
    """

    corners: tuple[Pair, ...]
    lines: tuple[Pair, ...] = ()

    def most_b(self, a: float) -> float:
        """Return the most of the second that anybody has with as much as a of the first."""
        caps = [b for from_a, b in self.corners if from_a < a or from_a == -np.inf]
        return min([*caps, *self._on_lines(a)], default=np.inf)

    def most_a(self, b: float) -> float:
        """Return the most of the first that anybody has with as much as b of the second."""
        caps = [a for a, most in self.corners if most < b or most == -np.inf]
        return min([*caps, *(most - weight * b for weight, most in self.lines)], default=np.inf)

    def outline(self) -> list[Pair]:
        """Corners of the region that answers can be in, from its upper left to its lower right.

        Left of the first corner the limit is level; below the last one it is upright.
        """
        end = min((a for a, b in self.corners if b == -np.inf), default=np.inf)
        vertices: list[Pair] = []
        for a in sorted({a for a in self._breaks() if a < end} | {end}):
            after = self.most_b(np.nextafter(a, np.inf)) if a < end else -np.inf
            for b in (self.most_b(a), after):
                if np.isfinite(b) and np.isfinite(a) and (not vertices or vertices[-1] != (a, b)):
                    vertices.append((a, b))
        return _without_idle(vertices)

    def _on_lines(self, a: float) -> list[float]:
        return [(most - a) / weight for weight, most in self.lines]

    def _breaks(self) -> Iterator[float]:
        """Yield where the limit may bend: at corners, and where lines meet them or each other."""
        levels = [b for _, b in self.corners if np.isfinite(b)]
        yield from (a for a, _ in self.corners if np.isfinite(a))
        for number, (weight, most) in enumerate(self.lines):
            yield from (most - weight * b for b in levels)
            for other, limit in self.lines[:number]:
                if other != weight:
                    yield most - weight * (most - limit) / (weight - other)


def _without_idle(vertices: list[Pair]) -> list[Pair]:
    """Leave out corners at which nothing bends."""
    kept: list[Pair] = []
    for vertex in vertices:
        while len(kept) >= 2 and _straight(kept[-2], kept[-1], vertex):
            kept.pop()
        kept.append(vertex)
    if len(kept) >= 2 and kept[0][1] == kept[1][1]:
        kept.pop(0)  # left of the first corner the limit is level anyhow
    return kept


def _straight(one: Pair, two: Pair, three: Pair) -> bool:
    (a1, b1), (a2, b2), (a3, b3) = one, two, three
    span = max(abs(a3 - a1), 1e-12) * max(abs(b3 - b1), 1e-12)
    return abs((a2 - a1) * (b3 - b1) - (a3 - a1) * (b2 - b1)) <= 1e-9 * span
