"""What commands say: results as JSON or line by line with units, progress, and problems."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from geoplan.errors import GeoplanError, shown

if TYPE_CHECKING:
    from geoplan.pipeline import Plan
    from geoplan.publish.programme.tables import ProgrammeTables
    from geoplan.site import Finding

UNITS = {
    "_ha": "{:,.2f} ha",
    "_bn_kzt": "{:,.1f} bn KZT",
    "_share": "{:.2%}",
    "_gap": "{:.2%}",
}
"""How people read a value, by what the end of its name says."""

SENTENCES = ("barred_by", "remedies", "margins", "years", "transport")
"""Results that are read one by one, each on a line of its own."""


EXIT_UNHEARD = 2
EXIT_UNREAD = 141
"""As a shell says of a program that a closed pipe has ended."""


class UnreadError(Exception):
    """Nobody reads what a command says: the pipe is closed at its other end."""


class UnheardError(Exception):
    """What a command says cannot be printed, for instance into a file on a full disk."""


def heard(command: Callable[[], int]) -> int:
    """Run a command; one that nobody reads any more ends without a word.

    Parameters
    ----------
    command : callable
        Returns an exit code.

    Returns
    -------
    int
        The same code, or that of a command that could not say what it had to say.
    """
    _open_streams()
    try:
        return command()
    # In a closed pipe Typer leaves its own help with an exit.
    except (UnreadError, SystemExit):
        code = EXIT_UNREAD
    except UnheardError as error:
        with suppress(OSError):
            print(f"geoplan: {error}", file=sys.stderr)
        code = EXIT_UNHEARD
    # What is held back for those who do not read it would be an error at the very end.
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere.fileno(), stream.fileno())
    return code


def _open_streams() -> None:
    """Give a command that was started without streams some that take everything.

    Else a file that it opens would get their number, and what is said would stand in that file.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    # A terminal of one code page shows the letters that it has, and the codes of others.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def say(text: str, *, to: TextIO | None = None) -> None:
    """Print lines, by default on standard output, and see that they get there.

    Raises
    ------
    UnreadError, UnheardError
    """
    try:
        print(text, file=to, flush=True)
    except BrokenPipeError:
        raise UnreadError from None
    except OSError as error:
        # The command's own files, if it writes any, are written before it speaks of them.
        cause = f"the result cannot be printed ({error.strerror}); files that it names are there."
        raise UnheardError(cause) from None


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield what tells the user on stderr what is being done."""
    if quiet:
        yield lambda _: None
    elif not sys.stderr.isatty():
        yield lambda text: say(f"geoplan: {text}", to=sys.stderr)
    else:
        from rich.console import Console
        from rich.markup import escape

        with Console(stderr=True).status("start") as status:
            yield lambda text: status.update(escape(text))


def complain(error: GeoplanError) -> None:
    """Say on stderr all that is wrong."""
    count = len(error.problems)
    head = "1 problem" if count == 1 else f"{count} problems"
    lines = [f"geoplan: {head}; nothing was written.", *(f"  - {one}" for one in error.problems)]
    say("\n".join(lines), to=sys.stderr)


def summary(made: Plan) -> dict[str, Any]:
    """Collect what a planner asks first."""
    allotted = made.allocation.set_index("project_id")["status"] == "placed"
    gone = allotted.index.isin(made.gone)
    left, allotted = allotted.index[gone].tolist(), allotted[~gone]
    summary = land_summary(made) | {
        "projects": len(allotted),
        "projects_placed": int(allotted.sum()),
        "projects_unplaced": allotted.index[~allotted].tolist(),
    }
    if left:
        summary["projects_withdrawn"] = left
    if len(allotted):
        asked = made.projects.set_index("project_id")["invest_bn_kzt"][allotted.index]
        summary["investment_bn_kzt"] = round(float(asked.sum()), 3)
        summary["investment_placed_bn_kzt"] = round(float(asked[allotted].sum()), 3)
    if len(made.phases):
        from geoplan.publish.years import answers

        summary["years"] = answers(made)
    if len(made.flows):
        from geoplan.publish.flows import answers as transport

        summary["transport"] = transport(made)
    return summary | found(made)


def programme_summary(made: ProgrammeTables) -> dict[str, Any]:
    """Collect what a ministry asks first."""
    asked = made.projects[made.projects["project_status"] != "withdrawn"]
    placed = asked["status"] == "placed"
    years = made.years.dropna(subset="target_bn_usd")
    missed = (years["target_bn_usd"] - years["planned_bn_usd"]).round(3)
    return {
        "programme": made.name,
        "parks": len(made.parks),
        "plots": len(made.plots),
        "plots_free": int(made.plots["project_id"].isna().sum()),
        "projects": len(asked),
        "projects_placed": int(placed.sum()),
        "projects_unplaced": asked.loc[~placed, "project_id"].tolist(),
        "investment_bn_kzt": round(float(asked["invest_bn_kzt"].sum()), 3),
        "investment_placed_bn_kzt": round(float(asked.loc[placed, "invest_bn_kzt"].sum()), 3),
        "rounds": len(made.rounds),
        "bound_gap": round(float(made.manifest["gap"]), 6),
        "short_of_target_bn_usd": dict(zip(years["year"].tolist(), missed.tolist(), strict=True)),
        "errors": int(made.parks["errors"].sum()),
    }


def land_summary(made: Plan) -> dict[str, Any]:
    """Collect what land became."""
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


def found(made: Plan) -> dict[str, Any]:
    """Collect gaps and findings."""
    found: dict[str, Any] = {}
    for stage in made.manifest.get("solver", ()):
        gap = float(stage["gap"])
        found[f"{stage['aim']}_gap"] = round(gap, 6) if math.isfinite(gap) else None
    for severity in ("error", "warning"):
        found[f"{severity}s"] = int((made.findings["severity"] == severity).sum())
    rows = made.findings[made.findings["severity"] != "info"].drop(columns="geometry")
    return found | {"findings": rows.to_dict("records")}


def replanned(made: Plan) -> dict[str, Any]:
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


def decided(made: Plan) -> dict[str, Any]:
    """Say what the planner has decided, and what became of those whom that concerned."""
    from geoplan.decisions import DECISIONS

    told = made.manifest.get(DECISIONS, {})
    log = made.changes
    elsewhere = (log["subject"] == "project") & (log["change"] != "kept")
    return {
        "pinned": [f"{name} to {plots}" for name, plots in told.get("pinned", {}).items()],
        "withdrawn": list(told.get("withdrawn", ())),
        "off_market": list(told.get("off_market", ())),
        "changed_why": _why_moved(made, set(log["id"][elsewhere])),
    }


def _why_moved(made: Plan, who: set[str]) -> list[str]:
    """Say of each one from where to where, and why."""
    log = made.changes
    rows = log[(log["subject"] == "project") & log["id"].isin(who)].to_dict("records")
    return [
        f"{row['id']}: {row['from'] or 'no plot'} -> {row['to'] or 'no plot'}: {row['why']}"
        for row in rows
    ]


def changed(made: Plan) -> dict[str, Any]:
    """Count what became of projects, strips and plots of an earlier plan."""
    log = made.changes
    counts = Counter(zip(log["subject"], log["change"], strict=True))
    return {
        f"changes_{subject}s_{change.replace(' ', '_')}": number
        for (subject, change), number in sorted(counts.items())
    }


def written(out: Path) -> dict[str, str]:
    """Say what was written."""
    return {"folder": str(out), "map": str(out / "map.html")}


def told(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Say findings as JSON has them."""
    names = ("severity", "rule", "layer", "subject", "message", "remedy")
    return [{name: getattr(finding, name) for name in names} for finding in findings]


def show(result: Mapping[str, Any], as_json: bool) -> None:
    """Print a result as JSON, or line by line with the units that its names carry."""
    if as_json:
        say(json.dumps(result, ensure_ascii=False, indent=2, default=str))
        return
    lines = [_line(name, value) for name, value in result.items() if value != ""]
    width = max(len(label) for label, _ in lines)
    say("\n".join(f"{label:<{width}}  {text}" for label, text in lines))


def _line(name: str, value: Any) -> tuple[str, str]:
    """Label and text of one result.

    >>> _line("residual_share", 0.0045)
    ('residual share', '0.45%')
    >>> _line("gross_area_ha", 400.0001)
    ('gross area', '400.00 ha')
    """
    if name == "findings":
        return name, "".join(f"\n  {_sentence(finding)}" for finding in value) or "none"
    if name in {"moved_why", "changed_why"}:
        return "why" if name == "moved_why" else "changed", "".join(
            f"\n  {sentence}" for sentence in value
        ) or "none"
    if name in SENTENCES:
        return name.replace("_", " "), "".join(f"\n  - {text}" for text in value)
    if isinstance(value, Mapping):
        value = [f"{each} in {key}" for key, each in value.items()]
    if isinstance(value, list):
        return name.replace("_", " "), shown(value) or "none"
    ending = next((ending for ending in UNITS if name.endswith(ending)), "")
    text = UNITS.get(ending, "{}").format(value) if value is not None else "not known"
    label = name.removesuffix(ending) if ending in {"_ha", "_bn_kzt"} else name
    return label.replace("_", " "), text


def _sentence(finding: Mapping[str, str]) -> str:
    place = f"{finding['layer']} {finding['subject']}".rstrip()
    return f"{finding['severity']}: {place}: {finding['message']} {finding['remedy']}".rstrip()
