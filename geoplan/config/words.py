"""Words and bounds that all stages share."""

from __future__ import annotations

from collections.abc import Iterable

LAYERS = (
    "zones",
    "exclusions",
    "gates",
    "utilities",
    "receptors",
    "roads",
    "sidings",
    "plots",
)
"""Layers that a scenario's ``[site]`` may name, in reading order."""

UTILITIES = {
    "power_mw": ("Power", "MW"),
    "water_m3d": ("Water", "m³/day"),
    "wastewater_m3d": ("Waste water", "m³/day"),
    "gas_m3h": ("Gas", "m³/h"),
    "heat_gcalh": ("Heat", "Gcal/h"),
}
"""Name of each kind of utility, and the unit of its capacity."""

UTILITY_KINDS = tuple(UTILITIES)
"""Utilities with a capacity; a project's demand has the column of the same name."""

ZONE_USES = ("production", "logistics", "services", "utilities", "green", "reserve")
"""Permitted uses of a zone."""

LAND_KINDS = (
    "plot",
    "street",
    "green",
    "utilities",
    "services",
    "reserve",
    "excluded",
    "residual",
)
"""What a piece of land can be; together they cover the zones."""

REPAIR_AREA_SHARE_MAX = 0.01
"""A repair may change a polygon's area by so much; beyond, it would guess what was meant.
Self-touching rings and spikes change it by nothing or next to it, a crossed ring by far more."""

FIGURE_MAX = 1e12
"""No figure of a park is greater, in whatever unit; sums of greater ones lose their parts."""

ZONE_OVERLAP_MAX_M2 = 1.0
"""Zones that overlap by more contradict each other; less is the noise of digitised corners."""

DECLARED_AREA_SHARE_MAX = 0.01
"""A plot whose declared area is off by more was surveyed or typed wrongly."""

ZONE_AREA_MIN_M2 = 1.0
"""A zone that measures less is a slip of the pen, not land."""


def merged_id(plot_ids: Iterable[str]) -> str:
    """Name the plot that given plots become when they are merged.

    >>> merged_id(["B", "A"])
    'A+B'
    """
    return "+".join(sorted(plot_ids))


def part_id(plot_id: str, number: int) -> str:
    """Name part 1, 2, ... of a given plot that is split.

    >>> part_id("C", 1)
    'C/1'
    """
    return f"{plot_id}/{number}"
