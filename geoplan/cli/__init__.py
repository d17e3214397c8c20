"""The command line: each command is a thin line over one call of the library.

Results go to stdout, progress to stderr. Exit codes: 0 done; 1 done, and the audit found
errors; 2 the input cannot be used; 130 interrupted; 141 nobody reads what it says any more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

import geoplan
from geoplan.cli.making import allocate, check, new, plan, subdivide, tradeoff
from geoplan.cli.nationwide import programme
from geoplan.cli.options import EXIT_INPUT, EXIT_INTERRUPTED
from geoplan.cli.registering import register
from geoplan.cli.saved import audit, compare, draw, explain, export, report
from geoplan.errors import GeoplanError
from geoplan.telling import complain, heard, say

COMMANDS: dict[str, Callable[..., None]] = {
    "plan": plan,
    "allocate": allocate,
    "subdivide": subdivide,
    "check": check,
    "audit": audit,
    "map": draw,
    "report": report,
    "export": export,
    "compare": compare,
    "tradeoff": tradeoff,
    "explain": explain,
    "register": register,
    "programme": programme,
    "new": new,
}

app = typer.Typer(
    name="geoplan",
    help="Plan industrial parks: land into plots, projects onto plots, the plan onto a map.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command in COMMANDS.items():
    app.command(name=name)(command)

# Typer brings its own click or uses the installed one; its base of usage errors is found alike.
_UsageError: Any = typer.BadParameter.__base__


def main() -> int:
    """Run the command line; what cannot be used ends in one clear message and exit code 2.

    A pipe that nobody reads any more ends the command without a word, as it ends others.

    Returns
    -------
    int
        The exit code.
    """
    return heard(_run)


def _run() -> int:
    try:
        # Without its own handling of errors, the app returns the code of a typer.Exit.
        code = int(app(standalone_mode=False, prog_name="geoplan") or 0)
    except GeoplanError as error:
        complain(error)
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
        say(f"geoplan {geoplan.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.fail("No command is given.")
