"""The least change of a project's size that lets it stand on a unit, in closed form."""

from __future__ import annotations

from dataclasses import dataclass

from geoplan.allocate.areas import TIGHT_HA
from geoplan.allocate.rules import ROUNDED
from geoplan.units import M2_PER_HA


@dataclass(frozen=True)
class Room:
    """A unit of land, and those who share it.

    Attributes
    ----------
    area_ha, rest_min_ha : float
        Its area, and the least that may be left over unless nothing is.
    depth_m, plot_min_ha, plot_max_ha : float
        Of plots there.
    divisible : bool
        Else it is taken whole.
    least_ha, most_ha : float
        Sums of the least and greatest areas of those who share it.
    shared : bool
        Whether anybody does.
    """

    area_ha: float
    rest_min_ha: float
    depth_m: float
    plot_min_ha: float
    plot_max_ha: float
    divisible: bool
    least_ha: float = 0.0
    most_ha: float = 0.0
    shared: bool = False


@dataclass(frozen=True)
class Size:
    """What a project asks of its plot: least and greatest area, ha, and front, m."""

    least_ha: float
    most_ha: float
    front_m: float


def sizes_that_fit(size: Size, room: Room) -> list[Size]:
    """Change a project's size as little as is needed, one way or the other.

    Parameters
    ----------
    size : Size
    room : Room

    Returns
    -------
    list of Size
        The size itself where it fits. Else with the greatest least area (and front) that does,
        and with the least greatest area that does; each left out where there is none.

    Examples
    --------
    >>> strip = Room(1.0, 0.3, 50.0, 0.3, 2.0, True)
    >>> sizes_that_fit(Size(1.25, 1.5, 0.0), strip)
    [Size(least_ha=1.0, most_ha=1.5, front_m=0.0)]
    >>> sizes_that_fit(Size(0.75, 0.875, 0.0), strip)  # a rest of 0.125 to 0.25 ha is no plot
    [Size(least_ha=0.7, most_ha=0.875, front_m=0.0), Size(least_ha=0.75, most_ha=1.0, front_m=0.0)]
    """
    if room.divisible:
        return _on_strip(size, room)
    return [] if room.shared else _on_plot(size, room)


def _on_strip(size: Size, room: Room) -> list[Size]:
    """On a strip projects fill it together, or leave a rest that makes a plot.

    With L and M for the sums of the others, R for the room and r for the least rest, a project
    of a to b ha fits where L + a <= R <= M + b, or where L + a <= R - r. So the greatest `a` is
    R - L or R - r - L, and the least `b` is R - M.
    """
    front_ha = size.front_m * room.depth_m / M2_PER_HA
    least = max(size.least_ha, front_ha, room.plot_min_ha)
    most = min(size.most_ha, room.plot_max_ha, room.area_ha)
    rest = min(room.rest_min_ha, room.area_ha)
    fills, leaves = room.area_ha - room.least_ha, room.area_ha - rest - room.least_ha
    reaches = room.most_ha + most >= room.area_ha - TIGHT_HA
    top = min(fills if reaches else leaves, most)
    if least <= top + TIGHT_HA:
        return [size]
    found = []
    if top >= room.plot_min_ha - TIGHT_HA and top > 0:
        found.append(_smaller(size, room, top))
    if least <= fills + TIGHT_HA:
        needed = least if least <= leaves + TIGHT_HA else max(least, room.area_ha - room.most_ha)
        if needed <= min(room.plot_max_ha, room.area_ha) + TIGHT_HA and needed > size.most_ha:
            found.append(Size(size.least_ha, needed, size.front_m))
    return found


def _on_plot(size: Size, room: Room) -> list[Size]:
    """Take a plot whole, give or take the rounding of surveys."""
    below, above = room.area_ha / (1 - ROUNDED), room.area_ha / (1 + ROUNDED)
    front_ha = size.front_m * room.depth_m / M2_PER_HA
    if room.plot_min_ha > below or room.plot_max_ha < above:
        return []
    small, large = max(size.least_ha, front_ha) > below, size.most_ha < above
    if not small and not large:
        return [size]
    if small and large:
        return []
    return [_smaller(size, room, below)] if small else [Size(size.least_ha, above, size.front_m)]


def _smaller(size: Size, room: Room, top: float) -> Size:
    """Bring the least area and the front below a limit."""
    front_m = min(size.front_m, top * M2_PER_HA / room.depth_m) if size.front_m else 0.0
    return Size(min(size.least_ha, top), size.most_ha, front_m)
