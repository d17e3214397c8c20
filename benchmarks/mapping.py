"""Maps side by side: 200 to 100,000 plots drawn by Folium, GeoPandas and geoplan."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from benchmarks import accessible, hostile
from benchmarks.accessible import broken_rules
from benchmarks.browser import figures
from benchmarks.measure import Run, measured
from benchmarks.peers import peer_python
from benchmarks.report import Check, Part, Row, Section
from benchmarks.subdivision import CONTENDERS, OURS
from tests.publish.map.sample import sample_plan

SIZES = (200, 2_000, 20_000, 100_000)
LARGEST = 1_000_000
TWICE_MOST = 2_000
"""Of larger maps, two more renders would take minutes."""
ATTRIBUTES = (
    "plot_id",
    "zone_id",
    "use",
    "area_ha",
    "frontage_m",
    "market",
    "project_id",
    "name",
    "sector",
    "invest_bn_kzt",
)

LEGEND = f"""\
Plots with ten attributes, a tooltip, a popup and a colour by sector. A whole process starts the
interpreter, imports, makes or reads the plots and writes the page; the stage is building and
saving alone, `build cpu` what it takes of one core on a machine that is shared. geoplan's page
holds streets, zones, labels, search, tables and all fields of plots and projects besides. Pages
are opened from the disk in headless Chromium. There is no network: Leaflet is handed to the
peers' pages from an installed wheel at once, jQuery is a stub of six lines, and other scripts,
styles and tiles are empty, all of which flatters the peers. `requests`: what a page asks of
other `hosts`. `interactive`: from opening until all is drawn and a frame is shown. `heap`: of
JavaScript with its typed arrays, after collecting garbage; the document's `nodes` come on top.
`hover`, `click`, `drag`, `year`: medians from the event to the frame after it, which alone takes
up to 17 ms; the last is a step of the slider of years. `same bytes`: two renders are equal.
{accessible.LEGEND}

{hostile.LEGEND}"""

AXE_PLOTS = 200

GOALS: dict[int, dict[str, float]] = {
    200: {"html_mb": 0.3},
    20_000: {"html_mb": 1.5, "build_s": 0.4, "interactive_s": 1.0, "year_ms": 100.0},
    100_000: {
        "html_mb": 6.0,
        "build_s": 2.0,
        "interactive_s": 1.5,
        "heap_mb": 100.0,
        "hover_ms": 17.0,
        "click_ms": 20.0,
    },
    LARGEST: {"build_s": 20.0, "interactive_s": 12.0, "hover_ms": 20.0},
}

NONE_OF = ("requests", "errors")
NONE_OF_AXE = ("axe_rules", "axe_elements")


@dataclass(frozen=True)
class Contender:
    """Who draws: a name, how, and the largest map that is asked for."""

    name: str
    how: str
    most: int


PEERS = (
    Contender("folium.GeoJson, SVG", "svg", 100_000),
    Contender("folium.GeoJson, prefer_canvas", "canvas", 100_000),
    Contender("one folium.Polygon per plot", "polygons", 20_000),
    Contender("GeoDataFrame.explore()", "explore", 100_000),
)


def part(*, peers: bool, quick: bool, sizes: Sequence[int], limit_s: float, repeats: int) -> Part:
    """Draw all maps and open them.

    Parameters
    ----------
    peers : bool
        Whether geoplan is held against others.
    quick : bool
        Leaves out the peers' largest maps, of which each takes minutes.
    sizes : sequence of int
        Numbers of plots; the peers draw none of a million.
    limit_s : float
        That a process may take.
    repeats : int
        Of each map of at most 20,000 plots.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            often = repeats if size <= 20_000 else 1
            rows.append(_row(Path(folder), size, OURS, "", limit_s, often))
            most = 20_000 if quick else LARGEST - 1
            for peer in PEERS if peers and size <= most else ():
                if size <= peer.most:
                    often = repeats if size <= TWICE_MOST else 1
                    rows.append(_row(Path(folder), size, peer.name, peer.how, limit_s, often))
    titles = dict.fromkeys(row.case for row in rows)
    sections = [Section(title, [r for r in rows if r.case == title]) for title in titles]
    sections = [Section(each.title, each.rows, ratios(each.rows)) for each in sections]
    texts = hostile.section(peers=peers, limit_s=limit_s)
    held = checks(rows) + hostile.checks(texts.rows)
    return Part("Maps", LEGEND, [*sections, texts], held)


def _row(folder: Path, size: int, name: str, how: str, limit_s: float, repeats: int) -> Row:
    print(f"map: {size:,} plots: {name}", file=sys.stderr)
    case = f"{size:,} plots"
    job: dict[str, Any] = {
        "plots": size,
        "page": str(folder / "map.html"),
        "twice": size <= TWICE_MOST,
    }
    command: tuple[str | Path, ...]
    if how:
        job |= {"how": how, "layer": str(_layer(folder, size))}
        command = (peer_python("maps"), "-W", "ignore", CONTENDERS / "map_peers.py")
    else:
        command = (sys.executable, "-m", "benchmarks.contenders.map_geoplan")
    run = measured(command, job, repeats=repeats, limit_s=limit_s)
    if run.result is None:
        return Row(case, name, run.wall_s, run.memory_gb, fault=run.fault)
    return _opened(Path(job["page"]), case, name, run, asked=size == AXE_PLOTS)


def _opened(page: Path, case: str, name: str, run: Run, *, asked: bool) -> Row:
    """Open a page and use it; `asked` is whether axe-core is, too."""
    result = run.result or {}
    told = {name: value for name, value in result.items() if name != "seconds"}
    told |= figures(page)
    told |= broken_rules(page) if asked else {}
    return Row(case, name, run.wall_s, run.memory_gb, told, stages=result["seconds"])


def _layer(folder: Path, size: int) -> Path:
    """Write the plots of the same plan, with their projects' attributes, for the peers."""
    path = folder / f"plots{size}.gpkg"
    if not path.exists():
        plan = sample_plan(size)
        projects = plan.projects[["project_id", "name", "sector", "invest_bn_kzt"]]
        table = plan.plots.merge(projects, on="project_id", how="left")
        gpd.GeoDataFrame(table[[*ATTRIBUTES, "geometry"]], crs=plan.plots.crs).to_file(path)
    return path


def ratios(rows: Sequence[Row]) -> list[str]:
    """Say how many times as long, and as large, each peer is."""
    ours = next((row for row in rows if row.contender == OURS and not row.fault), None)
    if ours is None:
        return []
    lines = []
    for row in rows:
        if row is ours or row.fault:
            continue
        built = sum(row.stages.values()) / sum(ours.stages.values())
        larger = row.figures["html_mb"] / ours.figures["html_mb"]
        line = f"{row.contender}: {built:.2g} x the time to build, {larger:.2g} x the bytes"
        if row.figures.get("interactive_s") and ours.figures.get("interactive_s"):
            slower = row.figures["interactive_s"] / ours.figures["interactive_s"]
            line += f", {slower:.2g} x the time to open"
        lines.append(f"{line}.  ")
    return lines


def checks(rows: Sequence[Row]) -> list[Check]:
    """Hold geoplan's maps against what they are to reach."""
    found = []
    for row in rows:
        if row.contender != OURS:
            continue
        if row.fault or row.figures.get("interactive_s") is None:
            found.append(Check(row.case, "opens", row.fault or "no", "yes", met=False))
            continue
        reached = row.figures | {"build_s": sum(row.stages.values())}
        size = int(row.case.split()[0].replace(",", ""))
        for name, most in GOALS.get(size, {}).items():
            value = reached.get(name)
            met = value is not None and value <= most
            found.append(Check(row.case, name, value, f"<= {most:g}", met))
        for name in NONE_OF + (NONE_OF_AXE if size == AXE_PLOTS else ()):
            value = reached.get(name)
            found.append(Check(row.case, name, value, "0", value == 0))
        if "same_bytes" in reached:
            found.append(
                Check(row.case, "same_bytes", reached["same_bytes"], "yes", reached["same_bytes"])
            )
    return found
