"""The command line: each command is a thin line over one call of the library.

Results go to stdout, progress to stderr. Exit codes: 0 done; 1 done, and the audit found
errors; 2 the input cannot be used; 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import geoplan
from geoplan.errors import GeoplanError
from geoplan.options import (
    AsJson,
    Audience,
    HtmlFile,
    Language,
    Mode,
    OutFolder,
    PlanFolder,
    Quiet,
    ScenarioFile,
)
from geoplan.telling import (
    changed,
    decided,
    found,
    land_summary,
    programme_summary,
    replanned,
    show,
    summary,
    told,
    written,
)
from geoplan.units import M2_PER_HA

if TYPE_CHECKING:
    from geoplan.pipeline import Plan

EXIT_AUDIT = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130

Told = Callable[[str], None]


app = typer.Typer(
    name="geoplan",
    help="Plan industrial parks: land into plots, projects onto plots, the plan onto a map.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Typer brings its own click or uses the installed one; its base of usage errors is found alike.
_UsageError: Any = typer.BadParameter.__base__


def main() -> int:
    """Run the command line; what cannot be used ends in one clear message and exit code 2.

    Returns
    -------
    int
        The exit code.
    """
    try:
        # Without its own handling of errors, the app returns the code of a typer.Exit.
        code = int(app(standalone_mode=False, prog_name="geoplan") or 0)
    except GeoplanError as error:
        _complain(error)
        code = EXIT_INPUT
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except _UsageError as error:
        command = error.ctx.command_path if error.ctx else "geoplan"
        cause = error.format_message()
        stop = "" if cause.endswith((".", "?")) else "."
        print(f"geoplan: {cause}{stop} '{command} -h' shows how it is used.", file=sys.stderr)
        code = EXIT_INPUT
    # Some versions of Typer turn an interruption into this code themselves, without a word.
    if code == EXIT_INTERRUPTED:
        print("geoplan: interrupted; nothing was written.", file=sys.stderr)
    return code


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(f"geoplan {geoplan.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.fail("No command is given.")


@app.command()
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
    with _progress(quiet) as tell:
        made = geoplan.run(scenario, previous=previous, move_price_bn_kzt=move_price, progress=tell)
        made.save(out, progress=lambda name: tell(f"write {name}"))
    show(summary(made) | replanned(made) | changed(made) | written(out), as_json)
    _end(made)


@app.command()
def programme(
    programme: Annotated[
        Path, typer.Argument(metavar="PROGRAMME", help="Programme file (*.toml).")
    ],
    out: OutFolder,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Dask scheduler, tcp://host:port, on whose workers parks are planned; else in"
            " this process. The result is the same.",
        ),
    ] = None,
    plans: Annotated[
        bool, typer.Option("--plans/--no-plans", help="Write each park's whole plan, too.")
    ] = True,
    language: Annotated[
        Language, typer.Option("--language", help="In which programme.html opens.")
    ] = Language.ENGLISH,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Plan many parks that share one portfolio: who goes to which park, and where in it."""
    from geoplan.publish.directory import check_replaceable

    check_replaceable(out)
    with _progress(quiet) as tell:
        made = geoplan.programme(programme, scheduler=scheduler, progress=tell)
        made.save(
            out,
            plans=plans,
            language=language.value,
            progress=lambda name: tell(f"write {name}"),
        )
    show(programme_summary(made) | {"folder": str(out)}, as_json)
    if made.parks["errors"].any():
        raise typer.Exit(EXIT_AUDIT)


@app.command()
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
    with _progress(quiet) as tell:
        made = geoplan.amend(previous, changes=changes, scenario=scenario, progress=tell)
        made.save(folder, progress=lambda name: tell(f"write {name}"))
    show(summary(made) | replanned(made) | decided(made) | changed(made) | written(folder), as_json)
    _end(made)


@app.command()
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
    with _progress(quiet) as tell:
        made = geoplan.divide(scenario, mode=None if mode is None else mode.value, progress=tell)
        made.save(out, progress=lambda name: tell(f"write {name}"))
    show(land_summary(made) | found(made) | written(out), as_json)
    _end(made)


@app.command()
def check(scenario: ScenarioFile, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Read a scenario and its layers, and say what would be refused or repaired."""
    with _progress(quiet) as tell:
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


@app.command()
def audit(folder: PlanFolder, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Check a saved plan against all that must hold of it."""
    with _progress(quiet) as tell:
        tell("read")
        made = geoplan.load(folder)
        tell("audit")
        findings = made.audited()
    show({"folder": str(folder), "findings": told(findings)}, as_json)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(EXIT_AUDIT)


@app.command(name="map")
def map_(
    folder: PlanFolder,
    out: HtmlFile,
    audience: Annotated[
        Audience,
        typer.Option(
            "--audience",
            help="investor: what is on offer alone; projects, applicants, demands and findings are"
            " not in the file.",
        ),
    ] = Audience.PLANNER,
    language: Annotated[
        Language, typer.Option("--language", help="In which the page opens; its reader may change.")
    ] = Language.ENGLISH,
    against: Annotated[
        Path | None,
        typer.Option(
            "--compare", metavar="FOLDER", help="An earlier plan, to lay beside this one."
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw the map of a saved plan once more, for whom and in which language you choose."""
    with _progress(quiet) as tell:
        tell("read")
        made, other = geoplan.load(folder), None if against is None else geoplan.load(against)
        tell(f"write {out.name}")
        written = made.save_map(
            out, against=other, audience=audience.value, language=language.value
        )
    show({"map": str(written)}, as_json)


@app.command()
def report(
    folder: PlanFolder, out: HtmlFile, quiet: Quiet = False, as_json: AsJson = False
) -> None:
    """Write the report of a saved plan once more."""
    with _progress(quiet) as tell:
        tell(f"write {out.name}")
        written = geoplan.load(folder).save_report(out)
    show({"report": str(written)}, as_json)


@app.command()
def export(
    folder: PlanFolder,
    out: OutFolder,
    formats: Annotated[
        list[str],
        typer.Option(
            "--format", help="gpkg, shp, kml, parquet, dxf, pdf, points, xlsx; repeat it."
        ),
    ],
    paper: Annotated[str, typer.Option("--paper", help="Of pdf: A4 to A0.")] = "A3",
    scale: Annotated[int | None, typer.Option("--scale", metavar="N", help="Of pdf, 1:N.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Hand a saved plan over to contractors, surveyors and investors, in formats of theirs."""
    with _progress(quiet) as tell:
        tell("read")
        made = geoplan.load(folder)
        made.export(out, formats=formats, paper=paper, scale=scale, progress=tell)
    show({"folder": str(out), "formats": list(dict.fromkeys(formats))}, as_json)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of a saved plan.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of another one.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="HTML file to write, for reading and paper.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Put two saved plans side by side: figures, land, streets, capacities, and who has moved."""
    from geoplan.publish import write_text
    from geoplan.publish.comparison import comparison_html, comparison_record, comparison_text

    with _progress(quiet) as tell:
        tell("read")
        compared = geoplan.compare(first, second)
        if out is not None:
            tell(f"write {out.name}")
            write_text(comparison_html(compared), out)
    if as_json:
        show(comparison_record(compared), as_json)
    else:
        print(comparison_text(compared))


@app.command()
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
    with _progress(quiet) as tell:
        curve = geoplan.tradeoff(
            scenario, between=between, points=points, time_limit_s=time_limit_s, progress=tell
        )
        tell(f"write {out.name}")
        curve.save(out)
    if as_json:
        show(tradeoff_record(curve) | {"folder": str(out)}, as_json)
    else:
        print(f"{tradeoff_text(curve)}\n\nfolder  {out}")


@app.command()
def explain(
    folder: PlanFolder,
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Project id.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say where a project stands, or why it has no plot."""
    with _progress(quiet) as tell:
        tell("read")
        explained = geoplan.load(folder).explained(project)
    show(explained, as_json)


@app.command()
def new(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file to write.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a scenario with every setting at its default, each with its meaning."""
    from geoplan.config import write_default_scenario

    with _progress(quiet) as tell:
        tell(f"write {scenario.name}")
        written = write_default_scenario(scenario)
    show({"scenario": str(written)}, as_json)


@contextmanager
def _progress(quiet: bool) -> Iterator[Told]:
    """Yield what tells the user on stderr what is being done."""
    if quiet:
        yield lambda _: None
    elif not sys.stderr.isatty():
        yield lambda text: print(f"geoplan: {text}", file=sys.stderr, flush=True)
    else:
        from rich.console import Console
        from rich.markup import escape

        with Console(stderr=True).status("start") as status:
            yield lambda text: status.update(escape(text))


def _end(made: Plan) -> None:
    if (made.findings["severity"] == "error").any():
        raise typer.Exit(EXIT_AUDIT)


def _complain(error: GeoplanError) -> None:
    count = len(error.problems)
    head = "1 problem" if count == 1 else f"{count} problems"
    print(f"geoplan: {head}; nothing was written.", file=sys.stderr)
    for problem in error.problems:
        print(f"  - {problem}", file=sys.stderr)
