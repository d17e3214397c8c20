"""What commands say of their results: as JSON, or line by line with units."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.errors import shown

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

SENTENCES = ("barred_by", "remedies", "margins")
"""Results that are read one by one, each on a line of its own."""


def summary(made: Plan) -> dict[str, Any]:
    """Collect what a planner asks first."""
    allotted = made.allocation.set_index("project_id")["status"] == "placed"
    summary = land_summary(made) | {
        "projects": len(allotted),
        "projects_placed": int(allotted.sum()),
        "projects_unplaced": allotted.index[~allotted].tolist(),
    }
    if len(allotted):
        portfolio = made.projects.set_index("project_id")["invest_bn_kzt"]
        summary["investment_bn_kzt"] = round(float(portfolio.sum()), 3)
        summary["investment_placed_bn_kzt"] = round(float(portfolio[allotted].sum()), 3)
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
        "short_of_target_bn_usd": dict(zip(years["year"].tolist(), missed, strict=True)),
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
    if name in {"moved_why", "changed_why"}:
        return "why" if name == "moved_why" else "changed", "".join(
            f"\n  {sentence}" for sentence in value
        ) or "none"
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
