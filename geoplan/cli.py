"""The command line: each command is a thin line over one call of the library.

Results go to stdout, progress to stderr. Exit codes: 0 done; 1 done, and the audit found
errors; 2 the input cannot be used; 130 interrupted.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import geoplan
from geoplan.errors import GeoplanError, shown
from geoplan.units import M2_PER_HA

if TYPE_CHECKING:
    from geoplan.pipeline import Plan
    from geoplan.site import Finding

EXIT_AUDIT = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130

UNITS = {
    "_ha": "{:,.2f} ha",
    "_bn_kzt": "{:,.1f} bn KZT",
    "_share": "{:.2%}",
    "_gap": "{:.2%}",
}
"""How people read a value, by what the end of its name says."""

SENTENCES = ("barred_by", "remedies", "margins")
"""Results that are read one by one, each on a line of its own."""

Told = Callable[[str], None]


class Mode(StrEnum):
    """Ways to get plots, as ``[subdivide] mode`` names them."""

    TO_MEASURE = "to-measure"
    GRID = "grid"
    GIVEN = "given"


app = typer.Typer(
    name="geoplan",
    help="Plan industrial parks: land into plots, projects onto plots, the plan onto a map.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (*.toml).")]
PlanFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a saved plan.")]
OutFolder = Annotated[
    Path, typer.Option("--out", "-o", help="Folder to write, replaced as a whole.")
]
HtmlFile = Annotated[Path, typer.Option("--out", "-o", help="HTML file to write.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

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
    with _progress(quiet) as told:
        made = geoplan.run(scenario, previous=previous, move_price_bn_kzt=move_price, progress=told)
        made.save(out, progress=lambda name: told(f"write {name}"))
    _print(_summary(made) | _replanned(made) | _changed(made) | _written(out), as_json)
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
    with _progress(quiet) as told:
        made = geoplan.divide(scenario, mode=None if mode is None else mode.value, progress=told)
        made.save(out, progress=lambda name: told(f"write {name}"))
    _print(_land_summary(made) | _found(made) | _written(out), as_json)
    _end(made)


@app.command()
def check(scenario: ScenarioFile, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Read a scenario and its layers, and say what would be refused or repaired."""
    with _progress(quiet) as told:
        told("read")
        site = geoplan.check(scenario)
    summary = {
        "park": site.name,
        "zones": len(site.zones),
        "area_ha": round(float(site.zones.area.sum()) / M2_PER_HA, 4),
        "projects": 0 if site.projects is None else len(site.projects),
        "findings": _told(site.findings),
    }
    _print(summary, as_json)


@app.command()
def audit(folder: PlanFolder, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Check a saved plan against all that must hold of it."""
    with _progress(quiet) as told:
        told("read")
        made = geoplan.load(folder)
        told("audit")
        findings = made.audited()
    _print({"folder": str(folder), "findings": _told(findings)}, as_json)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(EXIT_AUDIT)


@app.command(name="map")
def map_(folder: PlanFolder, out: HtmlFile, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Draw the map of a saved plan once more."""
    with _progress(quiet) as told:
        told(f"write {out.name}")
        written = geoplan.load(folder).save_map(out)
    _print({"map": str(written)}, as_json)


@app.command()
def report(
    folder: PlanFolder, out: HtmlFile, quiet: Quiet = False, as_json: AsJson = False
) -> None:
    """Write the report of a saved plan once more."""
    with _progress(quiet) as told:
        told(f"write {out.name}")
        written = geoplan.load(folder).save_report(out)
    _print({"report": str(written)}, as_json)


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

    with _progress(quiet) as told:
        told("read")
        compared = geoplan.compare(first, second)
        if out is not None:
            told(f"write {out.name}")
            write_text(comparison_html(compared), out)
    if as_json:
        _print(comparison_record(compared), as_json)
    else:
        print(comparison_text(compared))


@app.command()
def explain(
    folder: PlanFolder,
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Project id.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say where a project stands, or why it has no plot."""
    with _progress(quiet) as told:
        told("read")
        explained = geoplan.load(folder).explained(project)
    _print(explained, as_json)


@app.command()
def new(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file to write.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a scenario with every setting at its default, each with its meaning."""
    from geoplan.config import write_default_scenario

    with _progress(quiet) as told:
        told(f"write {scenario.name}")
        written = write_default_scenario(scenario)
    _print({"scenario": str(written)}, as_json)


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


def _summary(made: Plan) -> dict[str, Any]:
    """Collect what a planner asks first."""
    allotted = made.allocation.set_index("project_id")["status"] == "placed"
    summary = _land_summary(made) | {
        "projects": len(allotted),
        "projects_placed": int(allotted.sum()),
        "projects_unplaced": allotted.index[~allotted].tolist(),
    }
    if len(allotted):
        portfolio = made.projects.set_index("project_id")["invest_bn_kzt"]
        summary["investment_bn_kzt"] = round(float(portfolio.sum()), 3)
        summary["investment_placed_bn_kzt"] = round(float(portfolio[allotted].sum()), 3)
    return summary | _found(made)


def _land_summary(made: Plan) -> dict[str, Any]:
    whole = made.balance[made.balance["zone_id"] == "all"].set_index("kind")
    summary: dict[str, Any] = {
        "park": made.name,
        "gross_area_ha": round(float(whole["area_ha"].sum()), 4),
        "plots": len(made.plots),
        "plots_free": int(made.plots["project_id"].isna().sum()),
        "plots_area_ha": round(float(whole["area_ha"]["plot"]), 4),
        "plots_share": round(float(whole["share"]["plot"]), 4),
        "residual_share": round(float(whole["share"]["residual"]), 4),
    }
    asked = made.plots[made.plots["asked_ha"].notna()]
    if len(asked):
        summary["plots_cut_to_measure"] = len(asked)
        summary["cut_to_measure_ha"] = round(float(asked["area_ha"].sum()), 4)
    return summary


def _found(made: Plan) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stage in made.manifest.get("solver", ()):
        gap = float(stage["gap"])
        found[f"{stage['aim']}_gap"] = round(gap, 6) if math.isfinite(gap) else None
    for severity in ("error", "warning"):
        found[f"{severity}s"] = int((made.findings["severity"] == severity).sum())
    rows = made.findings[made.findings["severity"] != "info"].drop(columns="geometry")
    return found | {"findings": rows.to_dict("records")}


def _replanned(made: Plan) -> dict[str, Any]:
    """Say who moved in planning again, what that gained, and what is proven."""
    told = made.manifest.get("replan")
    if told is None:
        return {}
    from geoplan.publish.replan import verdict_of

    return {
        "replan": verdict_of(told),
        "moves": told["moves"],
        "moved": told["moved"],
        "moved_why": _why_moved(made, {*told["moved"], *told["displaced"]}),
        "move_price": told["move_price"],
        "moves_gain": round(told["gain"], 6),
        "bound_if_nobody_moves": round(told["unmoved"]["bound"], 6),
        "bound_if_moves_are_free": round(told["free_moves"]["bound"], 6),
    }


def _why_moved(made: Plan, who: set[str]) -> list[str]:
    """Say of each one from where to where, and why."""
    log = made.changes
    rows = log[(log["subject"] == "project") & log["id"].isin(who)].to_dict("records")
    return [f"{row['id']}: {row['from']} -> {row['to'] or 'no plot'}: {row['why']}" for row in rows]


def _changed(made: Plan) -> dict[str, Any]:
    """Count what became of projects, strips and plots of an earlier plan."""
    log = made.changes
    counts = Counter(zip(log["subject"], log["change"], strict=True))
    return {
        f"changes_{subject}s_{change.replace(' ', '_')}": number
        for (subject, change), number in sorted(counts.items())
    }


def _written(out: Path) -> dict[str, str]:
    return {"folder": str(out), "map": str(out / "map.html")}


def _end(made: Plan) -> None:
    if (made.findings["severity"] == "error").any():
        raise typer.Exit(EXIT_AUDIT)


def _told(findings: Iterable[Finding]) -> list[dict[str, str]]:
    names = ("severity", "rule", "layer", "subject", "message", "remedy")
    return [{name: getattr(finding, name) for name in names} for finding in findings]


def _print(result: Mapping[str, Any], as_json: bool) -> None:
    """Print a result as JSON, or line by line with the units that its names carry."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=2, default=str))
        return
    lines = [_line(name, value) for name, value in result.items() if value != ""]
    width = max(len(label) for label, _ in lines)
    for label, text in lines:
        print(f"{label:<{width}}  {text}")


def _line(name: str, value: Any) -> tuple[str, str]:
    """Label and text of one result.

    >>> _line("residual_share", 0.0045)
    ('residual share', '0.45%')
    >>> _line("gross_area_ha", 400.0001)
    ('gross area', '400.00 ha')
    """
    if name == "findings":
        return name, "".join(f"\n  {_sentence(finding)}" for finding in value) or "none"
    if name == "moved_why":
        return "why", "".join(f"\n  {sentence}" for sentence in value) or "none"
    if name in SENTENCES:
        return name.replace("_", " "), "".join(f"\n  - {text}" for text in value)
    if isinstance(value, list):
        return name.replace("_", " "), shown(value) or "none"
    ending = next((ending for ending in UNITS if name.endswith(ending)), "")
    text = UNITS.get(ending, "{}").format(value) if value is not None else "not known"
    label = name.removesuffix(ending) if ending in {"_ha", "_bn_kzt"} else name
    return label.replace("_", " "), text


def _sentence(finding: Mapping[str, str]) -> str:
    place = f"{finding['layer']} {finding['subject']}".rstrip()
    return f"{finding['severity']}: {place}: {finding['message']} {finding['remedy']}".rstrip()


def _complain(error: GeoplanError) -> None:
    count = len(error.problems)
    head = "1 problem" if count == 1 else f"{count} problems"
    print(f"geoplan: {head}; nothing was written.", file=sys.stderr)
    for problem in error.problems:
        print(f"  - {problem}", file=sys.stderr)
