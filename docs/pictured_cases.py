"""The pictures of docs/subdivision.md: which land is planned, with which settings."""

from __future__ import annotations

from collections.abc import Mapping

import shapely
from pictured_land import Case, Land, Topic, area, park, terrace

from geoplan.config import SubdivideSettings, toml_value

PAGE = "subdivision.md"

ASKED = "project_id,use,area_ha,area_min_ha,area_max_ha,invest_bn_kzt\n"

KNEE = park(
    {"Z1": ("production", area((0, 0), (620, 0), (620, 280), (300, 280), (300, 560), (0, 560)))},
    gates=((0, 140),),
    exclusions=(("water", False, area((390, 110), (450, 95), (470, 150), (430, 185), (385, 160))),),
    projects=ASKED
    + "P1,production,3.2,3,3.5,9\nP2,production,2.4,2.2,2.6,6\nP3,production,1.8,1.6,2,5\n"
    + "P4,production,1.2,1,1.4,4\nP5,production,0.9,0.8,1,2\nP6,production,0.6,0.5,0.7,2\n",
)
"""A concave zone with a gate, and a lake in the way."""

_FIELD = area((0, 0), (900, 0), (900, 330), (700, 440), (0, 440))
FIELD = park({"Z1": ("production", _FIELD)}, gates=((450, 0),))

THREE_ZONES = park(
    {
        "P": ("production", area((0, 0), (520, 0), (520, 460), (60, 460), (0, 300))),
        "L": ("logistics", area((520, 0), (830, 0), (850, 300), (520, 300))),
        "S": ("services", area((520, 300), (850, 300), (860, 460), (520, 460))),
    },
    gates=((520, 0), (520, 460)),
)

SHALLOW = park(
    {"Z1": ("production", area((0, 0), (700, 0), (700, 75), (0, 75)))},
    gates=((0, 0),),
    projects=ASKED + "P1,production,1.6,1.5,1.7,9\nP2,production,0.5,0.4,0.6,3\n",
)

PORTFOLIO = (
    ASKED
    + "P1,production,4.5,4,5,12\nP2,production,2.6,2.4,2.8,8\nP3,production,1.7,1.5,2,6\n"
    + "P4,production,1.1,1,1.2,3\nP5,production,0.7,0.6,0.8,3\nP6,production,0.45,0.4,0.5,2\n"
    + "P7,logistics,2.2,2,2.4,5\nP8,logistics,1.3,1.2,1.5,4\nP9,logistics,0.6,0.5,0.8,1\n"
)
ASKED_FOR = Land(THREE_ZONES.layers, PORTFOLIO)


CADASTRE = terrace(
    (80, 100, 240, 120),
    (130, 120, 150, 140),
    sold="H",
    projects=ASKED
    + "P1,production,1.8,1.7,1.9,9\nP2,production,1.2,1.1,1.25,6\n"
    + "P3,production,0.7,0.65,0.75,4\nP4,production,0.6,0.55,0.65,3\n",
)
"""Eight plots on both sides of a street; one is sold, and projects are larger or smaller."""

_RIVER = ((400, -20), (440, -20), (480, 200), (440, 480), (400, 480), (440, 200))
_FAR_FIELD = area((0, 0), (900, 0), (900, 440), (0, 440))
_BRIDGE = area((420, 90), (480, 90), (480, 130), (420, 130))
RIVER = park(
    {"Z1": ("production", _FAR_FIELD)},
    gates=((150, 0),),
    exclusions=(("water", False, area(*_RIVER)),),
)
BRIDGED = park(
    {"Z1": ("production", _FAR_FIELD)},
    gates=((150, 0),),
    exclusions=(
        ("water", False, shapely.difference(area(*_RIVER), _BRIDGE)),
        ("bridge", True, shapely.intersection(area(*_RIVER), _BRIDGE)),
    ),
)
COMB = park(
    {
        "Z1": (
            "production",
            area(
                *((0, 0), (0, 420), (120, 420), (120, 140), (230, 140), (230, 420), (350, 420)),
                *((350, 140), (460, 140), (460, 420), (580, 420), (580, 0)),
            ),
        )
    },
    gates=((290, 0),),
)
RING = park(
    {
        "Z1": (
            "production",
            area(
                *((0, 0), (640, 0), (640, 520), (0, 520)),
                hole=((220, 180), (220, 340), (420, 340), (420, 180)),
            ),
        )
    },
    gates=((320, 0),),
)
CROSSED = park(
    {
        "Z1": (
            "production",
            area((0, 0), (560, 0), (560, 410), (585, 380), (0, 380)),
        )
    },
    gates=((0, 190),),
)
BOW_TIE = park(
    {"Z1": ("production", area((0, 0), (600, 400), (600, 0), (0, 400)))}, gates=((0, 200),)
)


REDRAWN = park(
    {
        "Z1": ("production", area((0, 0), (300, 200), (0, 400))),
        "Z2": ("production", area((600, 0), (600, 400), (300, 200))),
    },
    gates=((0, 200), (600, 200)),
)


def _effect(
    setting: str,
    *values: object,
    given: Land = FIELD,
    told: tuple[str, ...] = (),
    window: tuple[float, float, float, float] | None = None,
    mode: str = "grid",
    **besides: object,
) -> Topic:
    """Plan the same land with several values of one setting; None is the default."""
    cases = []
    for value in values:
        settings = dict(besides) if value is None else {**besides, setting: value}
        shown = f"`{setting} = {toml_value(value)}`"
        if value is None or isinstance(value, tuple):
            shown = f"`{setting}`: {', '.join(value or ['not set'])}"
        name = f"{setting}-{'none' if value is None else _slug(value)}"
        figures = ("plots", *told, "plot", "street", "residual")
        cases.append(Case(name, shown, given, mode, settings, figures, window=window))
    return Topic(tuple(cases), (setting,), columns=len(values))


def _slug(value: object) -> str:
    return "-".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


def _step(shows: str, label: str, *told: str) -> Case:
    return Case(f"step-{shows}", label, KNEE, "to-measure", {}, told, shows=shows)


STEPS = Topic(
    (
        _step("zone", "1. The zone, its gate and a lake", "zone", "excluded"),
        _step("streets", "2. Streets", "streets", "street"),
        _step("blocks", "3. Blocks", "blocks"),
        _step("strips", "4. Strips", "strips"),
        _step("plots", "5. Plots, cut for projects and for the market", "plots", "plot"),
        Case(
            "step-projects",
            "6. Who stands where",
            KNEE,
            "to-measure",
            told=("placed", "residual"),
            names="project_id",
        ),
    )
)

STREET_WIDTHS = ("street_main_m", "street_collector_m", "street_local_m")
_USUAL = SubdivideSettings()
_USUAL_WIDTHS = ", ".join(f"{getattr(_USUAL, name):g}" for name in STREET_WIDTHS)
_WIDTHS: Mapping[str, Mapping[str, int]] = {
    f"Defaults: {_USUAL_WIDTHS} m": {},
    "`street_main_m = 60`": {"street_main_m": 60},
    "`street_collector_m = 50`": {"street_collector_m": 50},
    "`street_local_m = 12`": {"street_local_m": 12},
}
ACCEPTED = {
    1: {"merge_plots_max": 1, "split_plots": {"B": (0.6,), "C": (1.733333,)}},
    2: {
        "merge_plots_max": 2,
        "merge_plots": (("A", "B"),),
        "split_plots": {"E": (0.6,), "F": (0.7,)},
    },
}
"""By ``merge_plots_max``: settings that accept all that is proposed then; a test compares."""


def _given(name: str, label: str, names: str, *told: str, **settings: object) -> Case:
    return Case(name, label, CADASTRE, "given", settings, ("placed", "plots", *told), names=names)


TOPICS: Mapping[str, Topic] = {
    "steps": STEPS,
    "modes": Topic(
        (
            Case(
                "to-measure",
                "`to-measure`",
                ASKED_FOR,
                "to-measure",
                told=("placed", "plots", "smallest", "largest"),
            ),
            Case("grid", "`grid`", THREE_ZONES, told=("plots", "smallest", "largest")),
        ),
        ("mode",),
    ),
    "given": Topic(
        (
            _given("given", "As the cadastre has it", "plot_id", "proposed", merge_plots_max=2),
            _given(
                "regrouped", "With all proposals accepted", "plot_id", "proposed", **ACCEPTED[2]
            ),
        ),
        ("merge_plots", "split_plots"),
    ),
    "merge_plots_max": Topic(
        (
            _given(
                "merged-1", "`merge_plots_max = 1`", "project_id", "largest free", **ACCEPTED[1]
            ),
            _given(
                "merged-2", "`merge_plots_max = 2`", "project_id", "largest free", **ACCEPTED[2]
            ),
        ),
        ("merge_plots_max",),
    ),
    "plotted_uses": _effect(
        "plotted_uses",
        ("production", "logistics"),
        ("production", "logistics", "services"),
        given=THREE_ZONES,
        told=("services",),
    ),
    "plot_min_ha": _effect("plot_min_ha", 0.3, 0.85, told=("smallest",), market_plot_ha=0.9),
    "frontage_min_m": _effect(
        "frontage_min_m", 20, 50, told=("front",), market_plot_ha=0.3, plot_min_ha=0.1
    ),
    "depth_to_frontage_max": _effect(
        "depth_to_frontage_max", 1.5, 4, told=("deepest",), market_plot_ha=0.6
    ),
    "frontage_to_depth_max": _effect(
        "frontage_to_depth_max",
        2,
        6,
        given=SHALLOW,
        told=("placed", "shallowest"),
        mode="to-measure",
    ),
    "street widths": Topic(
        tuple(
            Case(f"widths-{n}", label, THREE_ZONES, settings=s, told=("plots", "plot", "street"))
            for n, (label, s) in enumerate(_WIDTHS.items(), start=1)
        ),
        STREET_WIDTHS,
    ),
    "block_length_max_m": _effect("block_length_max_m", 200, 600, told=("blocks",)),
    "corner_splay_m": _effect("corner_splay_m", 0, 6, 15, window=(360, 40, 540, 180)),
    "dead_end_max_m": _effect(
        "dead_end_max_m", 150, 600, turning_place_m=40, window=(-10, 40, 230, 230)
    ),
    "turning_place_m": _effect("turning_place_m", 25, 50, window=(-10, 40, 230, 230)),
    "axis_deg": _effect("axis_deg", None, 60),
    "market_plot_ha": _effect("market_plot_ha", 0.5, 3, told=("middle",)),
    "remainder": _effect(
        "remainder",
        "market",
        "last",
        "spread",
        told=("smallest", "largest"),
        market_plot_ha=0.9,
        window=(430, -20, 920, 240),
    ),
    "layouts_max": _effect("layouts_max", 1, 400, told=("layouts", "middle", "deepest")),
    "odd land": Topic(
        (
            Case("crossed", "An outline that crosses itself a little: repaired", CROSSED),
            Case(
                "river",
                "A river without a bridge",
                RIVER,
                told=("plots", "plot", "street", "residual", "excluded"),
            ),
            Case(
                "bridge",
                "The same river with a bridge",
                BRIDGED,
                told=("plots", "plot", "street", "residual", "excluded"),
            ),
            Case("comb", "A comb", COMB),
            Case("ring", "A ring", RING),
            Case("redrawn", "A bow-tie, redrawn as two zones", REDRAWN),
        )
    ),
}
"""Topic, as the page marks the place of its pictures, to these."""

REFUSED = Case("bow-tie", "A bow-tie", BOW_TIE)
"""Land that cannot be used: its message stands on the page instead of a picture."""
