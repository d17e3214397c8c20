"""The scenario: one TOML file that says where the inputs are and how to plan.

Every default stands here and nowhere else; ``geoplan new`` prints them. Unknown keys are
refused with the nearest known one, and all faults of a file are reported together.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    model_validator,
)

from geoplan.errors import GeoplanError, Problem, Problems, nearest_name

LAYERS = ("zones", "exclusions", "gates", "utilities", "receptors", "roads", "plots")
"""Layers that a scenario's ``[site]`` may name, in reading order."""

UTILITY_KINDS = ("power_mw", "water_m3d", "wastewater_m3d", "gas_m3h", "heat_gcalh")
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

ZONE_OVERLAP_MAX_M2 = 1.0
"""Zones that overlap by more contradict each other; less is the noise of digitised corners."""

DECLARED_AREA_SHARE_MAX = 0.01
"""A plot whose declared area is off by more was surveyed or typed wrongly."""

ZONE_AREA_MIN_M2 = 1.0
"""A zone that measures less is a slip of the pen, not land."""

Objective = Literal["investment", "jobs", "priority", "near", "area_fit"]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class Settings(BaseModel):
    """Base of all settings: frozen, and no key that nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSettings(Settings):
    """``[site]``: what is given."""

    name: str = Field(default="Unnamed park", description="shown on the map and in the report")
    notice: str = Field(
        default="", description="shown with the name, e.g. that the data are schematic"
    )
    crs: str = Field(description="working CRS: EPSG code, WKT or PROJ text; metric")
    year: int = Field(
        default=2026, ge=1900, le=2200, description="zones available by then are serviced"
    )
    zones: str = Field(description="layer file; 'file.gpkg|layer' picks a layer")
    exclusions: str | None = Field(default=None, description="land that cannot be plotted")
    gates: str | None = Field(default=None, description="where public roads and railways arrive")
    utilities: str | None = Field(default=None, description="sources with capacities")
    receptors: str | None = Field(default=None, description="what hazard classes keep away from")
    roads: str | None = Field(default=None, description="centrelines of streets that exist already")
    plots: str | None = Field(default=None, description="cadastre plots, for mode 'given'")


class PortfolioSettings(Settings):
    """``[portfolio]``: who asks for land."""

    projects: str = Field(description="csv, xlsx, ods, json, parquet or a table in a GeoPackage")


class SubdivideSettings(Settings):
    """``[subdivide]``: how land becomes streets, strips and plots."""

    mode: Literal["to-measure", "grid", "given"] = Field(
        default="to-measure",
        description="to-measure: the portfolio decides; grid: equal plots; given: cadastre plots",
    )
    plotted_uses: tuple[str, ...] = Field(
        default=("production", "logistics"), description="zone uses that are cut into plots"
    )
    plot_min_ha: Positive = Field(default=0.3, description="no plot is smaller")
    frontage_min_m: Positive = Field(
        default=30.0, description="every plot has as much street in front"
    )
    depth_to_frontage_max: Positive = Field(
        default=3.0, description="no plot is narrower for its depth"
    )
    frontage_to_depth_max: Positive = Field(
        default=4.0, description="no plot is shallower for its front"
    )
    street_main_m: Positive = Field(default=30.0, description="right of way of main streets")
    street_collector_m: Positive = Field(default=24.0, description="right of way of collectors")
    street_local_m: Positive = Field(default=20.0, description="right of way of local streets")
    block_length_max_m: Positive = Field(default=600.0, description="a cross street after as much")
    corner_splay_m: NotNegative = Field(
        default=6.0, description="legs of the splay at each street corner; 0: none"
    )
    dead_end_max_m: Positive = Field(
        default=150.0, description="a longer dead end has a place to turn"
    )
    turning_place_m: Positive = Field(
        default=25.0, description="side of the square at the end of a long dead end"
    )
    axis_deg: Annotated[float, Field(ge=0, lt=180)] | None = Field(
        default=None,
        description="bearing of the plots' streets, degrees clockwise from north below 180; "
        "none: found from the land itself",
    )
    street_main_cost_mln_kzt_km: NotNegative | None = Field(
        default=None, description="cost of main streets; none: not reported"
    )
    street_collector_cost_mln_kzt_km: NotNegative | None = Field(
        default=None, description="cost of collectors; none: not reported"
    )
    street_local_cost_mln_kzt_km: NotNegative | None = Field(
        default=None, description="cost of local streets; none: not reported"
    )
    market_plot_ha: Positive = Field(
        default=1.0, description="wanted size of plots nobody has asked for"
    )
    remainder: Literal["market", "last", "spread"] = Field(
        default="market",
        description="what equal plots leave of a strip: a plot of its own, the last one's, all's",
    )
    precision_m: Positive = Field(
        default=0.001, description="grid that all corners of the plan lie on"
    )
    layouts_max: int = Field(default=400, ge=1, description="layouts tried for each zone at most")
    merge_plots: tuple[tuple[str, ...], ...] = Field(
        default=(), description="mode 'given': groups of plot ids that become one plot each"
    )
    split_plots: dict[str, tuple[Positive, ...]] = Field(
        default={}, description="mode 'given': plot id = areas to cut from it, ha; a rest is a plot"
    )
    merge_plots_max: int = Field(
        default=1, ge=1, le=6, description="mode 'given': neighbours that a proposal may merge"
    )

    @property
    def new_plot_ids(self) -> frozenset[str]:
        """Names of the plots that ``merge_plots`` and ``split_plots`` make, a rest's included."""
        merged = [merged_id(group) for group in self.merge_plots]
        parts = [
            part_id(plot_id, number)
            for plot_id, areas_ha in self.split_plots.items()
            for number in range(1, len(areas_ha) + 2)
        ]
        return frozenset([*merged, *parts])

    @model_validator(mode="after")
    def _proportions(self) -> SubdivideSettings:
        if self.depth_to_frontage_max * self.frontage_to_depth_max < 1:
            raise ValueError(
                "depth_to_frontage_max x frontage_to_depth_max is below 1, so no plot fits both"
            )
        return self


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


class AllocateSettings(Settings):
    """``[allocate]``: what the best allocation is, and when to stop looking for it."""

    objective: tuple[Objective, ...] = Field(
        default=("investment", "near", "area_fit"),
        description="lexicographic, first matters most; near counts only where wishes are stated",
    )
    time_limit_s: Positive = Field(
        default=30.0, description="a last resort; work_limit stops runs alike"
    )
    work_limit: int = Field(
        default=2_000, ge=1, description="branch-and-bound nodes for each objective"
    )
    gap: NotNegative = Field(
        default=0.005, description="relative distance to the bound that is enough"
    )
    seed: int = Field(default=1, ge=0)
    rail_reach_m: NotNegative = Field(
        default=500.0, description="land this near a rail gate has rail"
    )
    apart_m: NotNegative = Field(
        default=100.0, description="distance of projects that ask to stand apart"
    )
    near_m: NotNegative = Field(
        default=300.0, description="distance up to which a wish to stand near is kept"
    )
    move_price_bn_kzt: NotNegative = Field(
        default=1.0,
        description="planning again: what moving somebody must gain, in the unit of the first "
        "objective (bn KZT; jobs, points or ha for the others); inf: nobody ever moves",
    )

    @field_serializer("move_price_bn_kzt", when_used="json")
    def _writable(self, price: float) -> float | str:
        return price if math.isfinite(price) else "inf"  # JSON has no infinity

    @model_validator(mode="after")
    def _no_repeats(self) -> AllocateSettings:
        if not self.objective or len(set(self.objective)) != len(self.objective):
            raise ValueError("objective names each aim once and at least one")
        return self


class NormSettings(Settings):
    """``[norms]``: which norm profile the plan is held against."""

    profile: str = Field(
        default="kz-industrial", description="name of a shipped profile, or path of a TOML file"
    )


class BalanceNorm(Settings):
    """Range of one kind's share of the land, with where it comes from."""

    min: float = Field(ge=0, le=1)
    max: float = Field(ge=0, le=1)
    source: str
    confidence: Literal["H", "M", "L"]


class SpzNorm(Settings):
    """Distances that hazard classes I-V keep from receptors, in metres."""

    distance_m: tuple[NotNegative, NotNegative, NotNegative, NotNegative, NotNegative]
    sensitive_sectors: tuple[str, ...]
    sensitive_against_class_max: int = Field(ge=0, le=5)
    source: str
    confidence: Literal["H", "M", "L"]


class NormProfile(Settings):
    """A norm profile: ``geoplan/norms/*.toml`` or a file of the planner's own."""

    title: str
    balance: dict[str, BalanceNorm]
    spz: SpzNorm


class Scenario(Settings):
    """A whole scenario; see :func:`load_scenario`."""

    site: SiteSettings
    portfolio: PortfolioSettings | None = None
    subdivide: SubdivideSettings = SubdivideSettings()
    allocate: AllocateSettings = AllocateSettings()
    norms: NormSettings = NormSettings()
    columns: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="names of columns in the files: layer -> ours -> theirs"
    )
    folder: Path = Field(Path(), exclude=True, description="relative paths start here")

    @cached_property
    def norm_profile(self) -> NormProfile:
        """The profile that ``[norms]`` names."""
        return load_norms(self.norms.profile, self.folder)


_Model = TypeVar("_Model", bound=Settings)


def load_scenario(path: str | Path, *, mode: str | None = None) -> Scenario:
    """Read and check a scenario file.

    Parameters
    ----------
    path : str or Path
        A ``*.toml`` file; the paths in it are relative to its folder.
    mode : str, optional
        Taken instead of the file's ``[subdivide] mode``.

    Returns
    -------
    Scenario

    Raises
    ------
    GeoplanError
        With every fault of the file: unknown keys (and the nearest known), wrong types,
        values out of range, an unknown norm profile.
    """
    path = Path(path)
    content = _read_toml(path)
    if "folder" in content:
        raise GeoplanError([_unknown_key(path.name, ("folder",), Scenario)])
    if mode is not None and isinstance(content.setdefault("subdivide", {}), dict):
        content["subdivide"]["mode"] = mode
    scenario = _checked(Scenario, content | {"folder": path.parent}, path.name)
    problems = Problems()
    needs_portfolio = scenario.subdivide.mode == "to-measure"
    if needs_portfolio and scenario.portfolio is None:
        problems.add(
            path.name,
            "mode 'to-measure' cuts plots for projects, but no [portfolio] is given.",
            'Name one with projects = "projects.csv", or set [subdivide] mode = "grid".',
        )
    if scenario.subdivide.mode == "given" and scenario.site.plots is None:
        problems.add(
            path.name,
            "mode 'given' takes plots as they are, but [site] names no plots.",
            'Name their layer with plots = "plots.gpkg", or choose another mode.',
        )
    _check_uses(scenario, path.name, problems)
    if mode is None:  # another mode leaves aside what the file says for its own
        _check_regrouping(scenario, path.name, problems)
    try:
        _ = scenario.norm_profile
    except GeoplanError as error:
        problems.take(error)
    problems.raise_any()
    return scenario


def at_move_price(scenario: Scenario, price: float) -> Scenario:
    """Return a scenario with another ``[allocate] move_price_bn_kzt``.

    Raises
    ------
    GeoplanError
        If the price is negative, or no number.
    """
    if not price >= 0:
        cause = f"a move cannot have the price {price:g}."
        remedy = "Give 0 or more; inf: nobody moves."
        raise GeoplanError([Problem("[allocate] move_price_bn_kzt", cause, remedy)])
    allocate = scenario.allocate.model_copy(update={"move_price_bn_kzt": float(price)})
    return scenario.model_copy(update={"allocate": allocate})


def load_norms(profile: str, folder: Path) -> NormProfile:
    """Read a norm profile by shipped name or by path.

    Raises
    ------
    GeoplanError
        If there is no such profile, or the file does not follow its schema.
    """
    if profile.endswith(".toml"):
        path = folder / profile
        return _checked(NormProfile, _read_toml(path), path.name)
    shipped = resources.files("geoplan.norms")
    files = (file.name for file in shipped.iterdir())
    known = sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    if profile not in known:
        raise GeoplanError(
            [
                Problem(
                    "[norms] profile",
                    f"no norm profile is called '{profile}'.",
                    f"{nearest_name(profile, known)} A path ending in .toml reads your own.",
                )
            ]
        )
    text = shipped.joinpath(f"{profile}.toml").read_text(encoding="utf-8")
    return _checked(NormProfile, tomllib.loads(text), f"{profile}.toml")


def default_scenario_text() -> str:
    """Return a scenario file with every setting at its default, each with its meaning."""
    sections = []
    for name, field in Scenario.model_fields.items():
        if name in {"columns", "folder"}:
            continue
        model = {"portfolio": PortfolioSettings}.get(name, field.annotation)
        sections.append(f"[{name}]\n" + "".join(_setting_lines(model)))
    sections.append('[columns.projects]\n# area_ha = "Площадь, га"\n')
    return "\n".join(sections)


def write_default_scenario(path: Path) -> Path:
    """Write :func:`default_scenario_text` into a new file.

    Raises
    ------
    GeoplanError
        If the file exists already or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(default_scenario_text())
    except FileExistsError:
        cause = "it exists already and is left as it is."
        raise GeoplanError([Problem(str(path), cause, "Name a new file.")]) from None
    except OSError as error:
        cause = f"it cannot be written ({error.strerror})."
        raise GeoplanError([Problem(str(path), cause, "Name a writable folder.")]) from None
    return path


_EXAMPLE_VALUES = {
    "crs": "EPSG:32642",
    "zones": "zones.geojson",
    "exclusions": "exclusions.geojson",
    "gates": "gates.geojson",
    "utilities": "utilities.geojson",
    "receptors": "receptors.geojson",
    "roads": "roads.geojson",
    "plots": "plots.gpkg",
    "projects": "projects.csv",
    "axis_deg": 0.0,
    "street_main_cost_mln_kzt_km": 1750.0,
    "street_collector_cost_mln_kzt_km": 1100.0,
    "street_local_cost_mln_kzt_km": 900.0,
}


def _setting_lines(model: Any) -> list[str]:
    lines = []
    for key, field in model.model_fields.items():
        optional = not field.is_required() and field.default is None
        value = _EXAMPLE_VALUES[key] if field.is_required() or optional else field.default
        comment = f"  # {field.description}" if field.description else ""
        lines.append(f"{'# ' if optional else ''}{key} = {toml_value(value)}{comment}\n")
    return lines


def toml_value(value: object) -> str:
    """Write a setting as TOML does.

    >>> toml_value(("investment", "area_fit"))
    '["investment", "area_fit"]'
    >>> toml_value({"C-1": (1.2, 0.8)})
    '{ "C-1" = [1.2, 0.8] }'
    """
    if isinstance(value, str):
        # Strings are escaped as in JSON, but for one control character more.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, dict):
        entries = (f"{toml_value(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {', '.join(entries)} }}" if value else "{}"
    return str(value)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        cause, remedy = "there is no such file.", "Check the path; 'geoplan new' writes a scenario."
    except (IsADirectoryError, PermissionError) as error:
        cause, remedy = f"it cannot be read ({error.strerror}).", "Name a readable *.toml file."
    except UnicodeDecodeError:
        cause, remedy = "it is not UTF-8 text.", "Save it again as UTF-8."
    except tomllib.TOMLDecodeError as error:
        cause, remedy = f"it is not valid TOML: {error}.", "Mend that line."
    raise GeoplanError([Problem(str(path), cause, remedy)])


def _checked(model: type[_Model], content: dict[str, Any], where: str) -> _Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise GeoplanError(_as_problem(where, fault, model) for fault in error.errors()) from None


def _as_problem(where: str, fault: Any, model: Any) -> Problem:
    location = tuple(part for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return _unknown_key(where, location, model)
    setting = _setting_name(location)
    if fault["type"] == "missing":
        return Problem(f"{where}, {setting}", "this setting is required.", "Add it.")
    cause = fault["msg"].removeprefix("Value error, ")
    value = fault["input"]
    shown_value = f" (it is {value!r})" if isinstance(value, str | int | float) else ""
    return Problem(f"{where}, {setting}", f"{cause}{shown_value}.", "Correct the value.")


def _unknown_key(where: str, location: tuple[Any, ...], model: Any) -> Problem:
    for part in location[:-1]:
        model = _submodel(model, part)
    known = [name for name in getattr(model, "model_fields", {}) if name != "folder"]
    remedy = nearest_name(str(location[-1]), known)
    return Problem(f"{where}, {_setting_name(location)}", "unknown setting.", remedy)


def _submodel(model: Any, key: object) -> Any:
    field = getattr(model, "model_fields", {}).get(key)
    annotation = getattr(field, "annotation", None)
    if hasattr(annotation, "model_fields"):
        return annotation
    options = getattr(annotation, "__args__", ())
    return next((option for option in options if hasattr(option, "model_fields")), None)


def _setting_name(location: tuple[Any, ...]) -> str:
    if len(location) < 2:
        return f"[{location[0]}]" if location else "the file"
    return f"[{location[0]}] " + ".".join(str(part) for part in location[1:])


def _check_uses(scenario: Scenario, where: str, problems: Problems) -> None:
    for use in scenario.subdivide.plotted_uses:
        if use not in ZONE_USES:
            problems.add(
                f"{where}, [subdivide] plotted_uses",
                f"'{use}' is no zone use.",
                nearest_name(use, ZONE_USES),
            )


def _check_regrouping(scenario: Scenario, where: str, problems: Problems) -> None:
    settings = scenario.subdivide
    if settings.mode == "given":
        return
    usual = SubdivideSettings()
    for name in ("merge_plots", "split_plots", "merge_plots_max"):
        if getattr(settings, name) != getattr(usual, name):
            problems.add(
                f"{where}, [subdivide] {name}",
                f"mode '{settings.mode}' draws plots of its own, so none can be merged or split.",
                'Remove the setting, or set mode = "given".',
            )
