"""The command line: each command is a thin line over one call of the library.

Results go to stdout, progress to stderr. Exit codes: 0 done; 1 done, and the audit found
errors; 2 the input cannot be used; 130 interrupted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import geoplan
from geoplan.errors import GeoplanError

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.pipeline import Plan

EXIT_AUDIT = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="geoplan",
    help="Plan industrial parks: land into plots, projects onto plots, the plan onto a map.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ScenarioFile = Annotated[Path, typer.Argument(help="Scenario file (*.toml).", show_default=False)]
PlanFolder = Annotated[Path, typer.Argument(help="Folder of a saved plan.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def main() -> None:
    """Run the command line; what cannot be used ends in one clear message and exit code 2."""
    try:
        app(standalone_mode=False)
    except GeoplanError as error:
        _complain(error)
        sys.exit(EXIT_INPUT)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        print("geoplan: interrupted; nothing was written.", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "format_message"):
            raise
        print(f"geoplan: {error.format_message()} 'geoplan -h' shows what there is.", file=sys.stderr)
        sys.exit(EXIT_INPUT)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(f"geoplan {geoplan.__version__}")
        raise typer.Exit


@app.command()
def plan(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write, replaced as a whole.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make a plan and write all its files."""
    with _progress(quiet) as told:
        made = geoplan.run(scenario, progress=told)
        made.save(out, progress=told and (lambda name: told(f"write {name}")))
    errors = _errors(made)
    summary = _summary(made) | {"folder": str(out), "map": str(out / "map.html")}
    _print(summary, as_json)
    if errors:
        raise typer.Exit(EXIT_AUDIT)


@app.command()
def check(scenario: ScenarioFile, as_json: AsJson = False) -> None:
    """Read a scenario and its layers, and say what would be refused or repaired."""
    site = geoplan.check(scenario)
    projects = 0 if site.projects is None else len(site.projects)
    summary = {
        "park": site.name,
        "zones": len(site.zones),
        "area_ha": round(float(site.zones.area.sum()) / 1e4, 4),
        "projects": projects,
        "findings": [
            {"severity": f.severity, "layer": f.layer, "subject": f.subject, "message": f.message}
            for f in site.findings
        ],
    }
    _print(summary, as_json)


@app.command()
def audit(folder: PlanFolder, as_json: AsJson = False) -> None:
    """Check a saved plan against all that must hold of it."""
    made = geoplan.load(folder)
    findings = made.audited()
    rows = [
        {"severity": f.severity, "rule": f.rule, "subject": f.subject, "message": f.message}
        for f in findings
    ]
    _print({"folder": str(folder), "findings": rows}, as_json)
    if any(row["severity"] == "error" for row in rows):
        raise typer.Exit(EXIT_AUDIT)


@app.command(name="map")
def map_(
    folder: PlanFolder,
    out: Annotated[Path, typer.Option("--out", "-o", help="HTML file to write.")],
) -> None:
    """Draw the map of a saved plan once more."""
    made = geoplan.load(folder)
    print(made.save_map(out))


@app.command()
def report(
    folder: PlanFolder,
    out: Annotated[Path, typer.Option("--out", "-o", help="HTML file to write.")],
) -> None:
    """Write the report of a saved plan once more."""
    made = geoplan.load(folder)
    print(made.save_report(out))


@app.command()
def explain(
    folder: PlanFolder,
    project: Annotated[str, typer.Argument(help="Project id.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Say where a project stands, or why it has no plot."""
    made = geoplan.load(folder)
    _print(made.explained(project), as_json)


@app.command()
def new(
    scenario: Annotated[Path, typer.Argument(help="Scenario file to write.", show_default=False)],
) -> None:
    """Write a scenario with every setting at its default, each with its meaning."""
    from geoplan.config import write_default_scenario

    print(write_default_scenario(scenario))


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str], None] | None]:
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: print(f"geoplan: {text}", file=sys.stderr)
        return
    with console.status("read") as status:
        yield lambda text: status.update(escape(text))


def _errors(made: Plan) -> int:
    return int((made.findings["severity"] == "error").sum())


def _summary(made: Plan) -> dict[str, Any]:
    """Collect what a planner asks first."""
    whole = made.balance[made.balance["zone_id"] == "all"].set_index("kind")
    placed = made.allocation["status"] == "placed"
    severity: pd.Series[Any] = made.findings["severity"]
    summary: dict[str, Any] = {
        "park": made.name,
        "gross_ha": round(float(whole["area_ha"].sum()), 4),
        "plots": len(made.plots),
        "plots_share": round(float(whole["share"]["plot"]), 4),
        "residual_share": round(float(whole["share"]["residual"]), 4),
        "projects_placed": int(placed.sum()),
        "projects": len(made.allocation),
    }
    if "gap" in made.manifest:
        summary["gap"] = round(float(made.manifest["gap"]), 6)
    for name in ("error", "warning"):
        summary[f"{name}s"] = int((severity == name).sum())
    return summary


def _print(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary, ensure_ascii=False, indent=2, default=str))
        return
    width = max(len(key) for key in summary)
    for key, value in summary.items():
        if isinstance(value, list):
            print(f"{key.replace('_', ' '):<{width}}  {len(value)}")
            for row in value:
                print("  " + " | ".join(str(cell) for cell in row.values() if cell != ""))
        else:
            print(f"{key.replace('_', ' '):<{width}}  {value}")


def _complain(error: GeoplanError) -> None:
    count = len(error.problems)
    head = "1 problem" if count == 1 else f"{count} problems"
    print(f"geoplan: {head}; nothing was written.", file=sys.stderr)
    for problem in error.problems:
        print(f"  - {problem}", file=sys.stderr)
