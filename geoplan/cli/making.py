"""Commands that make something of a scenario: a plan, its land, a check, a curve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import geoplan
from geoplan.cli.options import AsJson, Mode, OutFolder, Quiet, ScenarioFile, ended_as_audited
from geoplan.telling import (
    changed,
    decided,
    found,
    land_summary,
    progress,
    replanned,
    say,
    show,
    summary,
    told,
    written,
)
from geoplan.units import M2_PER_HA


def plan(
    scenario: ScenarioFile,
    out: OutFolder,
    previous: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help="Earlier plan of the same land, maybe the same folder: its streets stay, plots"
            " under contract or named in plot_id do not move, changes.csv tells what did.",
        ),
    ] = None,
    move_price: Annotated[
        float | None,
        typer.Option(
            "--move-price",
            metavar="PRICE",
            min=0,
            help="With --from: what moving somebody must gain, in the unit of the first objective"
            " (bn KZT); inf: nobody moves. Instead of the scenario's move_price_bn_kzt.",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make a plan and write all its files."""
    from geoplan.publish.directory import check_replaceable

    if move_price is not None and previous is None:
        raise typer.BadParameter("a plan made afresh moves nobody; it goes with --from.")
    check_replaceable(out)
    with progress(quiet) as tell:
        made = geoplan.run(scenario, previous=previous, move_price_bn_kzt=move_price, progress=tell)
        made.save(out, progress=lambda name: tell(f"write {name}"))
    show(summary(made) | replanned(made) | changed(made) | written(out), as_json)
    ended_as_audited(made)


def allocate(
    previous: Annotated[
        Path, typer.Option("--from", metavar="FOLDER", help="Folder of the saved plan.")
    ],
    changes: Annotated[
        Path | None,
        typer.Option("--changes", metavar="FILE", help="Changes that the plan's map has saved."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Folder to write, replaced as a whole; else the plan's own."
        ),
    ] = None,
    scenario: Annotated[
        Path | None,
        typer.Option("--scenario", metavar="FILE", help="Instead of the plan's own scenario file."),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Give the plots of a saved plan once more, with the changes made on its map.

    Streets stay; those under contract, locked or pinned stay; others move only where that gains
    more than a move costs. What was changed on the map holds in later plans, until it is undone.
    """
    from geoplan.publish.directory import check_replaceable

    folder = previous if out is None else out
    check_replaceable(folder)
    with progress(quiet) as tell:
        made = geoplan.amend(previous, changes=changes, scenario=scenario, progress=tell)
        made.save(folder, progress=lambda name: tell(f"write {name}"))
    show(summary(made) | replanned(made) | decided(made) | changed(made) | written(folder), as_json)
    ended_as_audited(made)


def subdivide(
    scenario: ScenarioFile,
    out: OutFolder,
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="Instead of the mode that the scenario has.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Divide land alone: streets, strips and plots, with nobody on them.

    to-measure cuts the areas that the portfolio asks for, where its rules let them stand, and
    the rest for the market; grid cuts plots of the wanted size and needs no portfolio; given
    takes the cadastre's plots as they are. All plots are left free. The folder has the files
    of a plan, and a later 'geoplan plan --from' it seeks places in these streets and plots.
    """
    from geoplan.publish.directory import check_replaceable

    check_replaceable(out)
    with progress(quiet) as tell:
        made = geoplan.divide(scenario, mode=None if mode is None else mode.value, progress=tell)
        made.save(out, progress=lambda name: tell(f"write {name}"))
    show(land_summary(made) | found(made) | written(out), as_json)
    ended_as_audited(made)


def check(scenario: ScenarioFile, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Read a scenario and its layers, and say what would be refused or repaired."""
    with progress(quiet) as tell:
        tell("read")
        site = geoplan.check(scenario)
    summary = {
        "park": site.name,
        "zones": len(site.zones),
        "area_ha": round(float(site.zones.area.sum()) / M2_PER_HA, 4),
        "projects": 0 if site.projects is None else len(site.projects),
        "findings": told(site.findings),
    }
    show(summary, as_json)


def tradeoff(
    scenario: ScenarioFile,
    out: OutFolder,
    between: Annotated[
        tuple[str, str],
        typer.Option(
            "--between",
            metavar="A B",
            help="Two objectives; a weighted sum goes in quotes: 'investment + 0.002 jobs'.",
        ),
    ] = ("investment", "jobs"),
    points: Annotated[int, typer.Option("--points", help="Floors and ends to seek points at.")] = 9,
    time_limit_s: Annotated[
        float, typer.Option("--time-limit", metavar="S", help="Seconds for each point at most.")
    ] = 5.0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show what one objective costs the other: allocations from one's best to the other's.

    Streets and strips are those of the scenario's plan; its own objectives are left aside.
    """
    from geoplan.publish.directory import check_replaceable
    from geoplan.publish.tradeoff import check_free_of_plan, tradeoff_record, tradeoff_text

    check_replaceable(out)
    check_free_of_plan(out)
    with progress(quiet) as tell:
        curve = geoplan.tradeoff(
            scenario, between=between, points=points, time_limit_s=time_limit_s, progress=tell
        )
        tell(f"write {out.name}")
        curve.save(out)
    if as_json:
        show(tradeoff_record(curve) | {"folder": str(out)}, as_json)
    else:
        say(f"{tradeoff_text(curve)}\n\nfolder  {out}")


def new(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file to write.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a scenario with every setting at its default, each with its meaning."""
    from geoplan.config import write_default_scenario

    with progress(quiet) as tell:
        tell(f"write {scenario.name}")
        written = write_default_scenario(scenario)
    show({"scenario": str(written)}, as_json)
