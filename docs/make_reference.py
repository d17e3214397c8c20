"""Write docs/layers.md, docs/settings.md and docs/norms.md from what the code holds.

Run ``python docs/make_reference.py`` after changing either; a test compares the files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geoplan.config import NormProfile, Scenario, load_norms, toml_value
from geoplan.config.programme import Programme
from geoplan.site.schema import CONTRACTS

HERE = Path(__file__).parent


def layers_page() -> str:
    """Return the page of input layers: one table for each, column by column."""
    parts = [
        "# Input layers\n",
        "Made by `docs/make_reference.py` from the contracts in `geoplan/site/schema.py`.\n",
        "Vector files, drawings, surveyors' lists and archives will do: the guide's section",
        "[What geoplan reads](guide.md#what-geoplan-reads) tells which, and what is decided for",
        "them. Names of columns may be mapped in the scenario:",
        '`[columns.projects] area_ha = "Площадь, га"`; a value after `=` is given to all records:',
        '`[columns.zones] use = "=production"`. Columns not listed here are left alone, and a',
        "finding names them.\n",
        'Each layer, and the portfolio, may be a list of files, `zones = ["a.gpkg", "b.gpkg"]`:',
        "they are read one after another, each in its own CRS, and no id may stand in two. A",
        "mapped name counts in the files that have it; others may have our own name for it.\n",
        "Records of a drawing have the columns `layer`, `handle`, `entity`, `text` and `texts`. Of",
        "a surveyors' list, `north`, `east`, `contour` and `point` may be mapped too.\n",
    ]
    for name, contract in CONTRACTS.items():
        parts.append(f"## {name}\n")
        parts.append("| Column | Meaning | Type | Required | Default |")
        parts.append("|---|---|---|---|---|")
        for column, spec in contract.columns.columns.items():
            required = "yes" if spec.metadata["required"] else ""
            default = "" if spec.default is None else f"`{spec.default}`"
            kind = spec.metadata["dtype"]
            parts.append(f"| `{column}` | {spec.description} | {kind} | {required} | {default} |")
        parts.append("")
    return "\n".join(parts)


def settings_page() -> str:
    """Return the page of settings: one table for each section of a scenario."""
    parts = [
        "# Settings\n",
        "Made by `docs/make_reference.py` from `geoplan/config/settings.py`; `geoplan new FILE`",
        "writes a scenario with all of them. [How land is divided](subdivision.md) and",
        "[Who stands where](allocation.md) draw what they change.\n",
    ]
    for name, field in [*Scenario.model_fields.items(), *Programme.model_fields.items()]:
        model: Any = field.annotation
        if f"## [{name}]\n" in parts:
            continue  # a programme has it as a scenario does
        if name in {"portfolio", "targets"}:
            model = next(option for option in model.__args__ if option is not type(None))
        if not hasattr(model, "model_fields"):
            continue
        parts.append(f"## [{name}]\n")
        if name == "programme":
            parts += PROGRAMME
        parts.append("| Setting | Meaning | Default |")
        parts.append("|---|---|---|")
        for key, setting in model.model_fields.items():
            meaning = (setting.description or "").replace("|", "\\|")
            parts.append(f"| `{key}` | {meaning} | {_default(setting)} |")
        parts.append("")
    return "\n".join(parts)


PROGRAMME = (
    "A programme's file, for `geoplan programme`, has this table in place of `[site]` and",
    "`[portfolio]`. `[targets]`, `[subdivide]`, `[allocate]`, `[norms]` and `[columns]` are as",
    "above. A park that names a scenario has its land and all distances from there; of",
    "`[allocate]`, `objective` and the limits of the search are the programme's.\n",
)


def _default(setting: Any) -> str:
    if setting.is_required():
        return "required"
    return "none" if setting.default is None else f"`{toml_value(setting.default)}`"


def norms_page() -> str:
    """Return the page of the shipped norm profile: each figure with its source."""
    norms = load_norms("kz-industrial", HERE)
    parts = [
        "# Norms\n",
        "Made by `docs/make_reference.py` from `geoplan/norms/kz-industrial.toml`, the profile",
        'of `[norms] profile = "kz-industrial"`; a path that ends in `.toml` reads your own.',
        "H: read in the source. M: indirect, or a sibling norm. L: an assumption; hold it against",
        "your local rules before you rely on it.\n",
        f"## {norms.title}\n",
        "| Share of the park's land | From | To | Source | |",
        "|---|---|---|---|---|",
    ]
    for kind, norm in norms.balance.items():
        source = norm.source.replace("|", "\\|")
        parts.append(f"| {kind} | {norm.min:.0%} | {norm.max:.0%} | {source} | {norm.confidence} |")
    return "\n".join([*parts, "", *_distances(norms), *_flows(norms), *_terms(norms)])


def _terms(norms: NormProfile) -> list[str]:
    return [
        "| Status | Months at most | Then | Source | |",
        "|---|---|---|---|---|",
        *(
            f"| {status} | {term.months_max} | {term.then} | {term.source} | {term.confidence} |"
            for status, terms in norms.lifecycle.items()
            for term in terms
        ),
        "",
    ]


def _distances(norms: NormProfile) -> list[str]:
    spz = norms.spz
    classes = ("I", "II", "III", "IV", "V")
    worst = classes[spz.sensitive_against_class_max - 1]
    return [
        "| Hazard class | Distance to receptors, m |",
        "|---|---|",
        *(f"| {name} | {far_m:g} |" for name, far_m in zip(classes, spz.distance_m, strict=True)),
        "",
        f"Source: {spz.source} ({spz.confidence}). Plants of the sectors",
        f"{', '.join(f'`{name}`' for name in spz.sensitive_sectors)} are receptors themselves",
        f"against classes I to {worst}; `sensitive` in the portfolio overrides that.",
        "",
        "| Railway | Least, m | Source | |",
        "|---|---|---|---|",
        f"| radius of a siding | {norms.rail.siding_radius_min_m:g} | {norms.rail.source} |"
        f" {norms.rail.confidence} |",
        "",
    ]


def _flows(norms: NormProfile) -> list[str]:
    shares = ("rail_share", "road_share", "warehouse_share")
    rows = [
        f"| `{sector}` | {norm.commodity} | {norm.in_t_ha:g} | {norm.out_t_ha:g} | "
        + " | ".join(f"{getattr(norm, share):.0%}" for share in shares)
        + f" | {', '.join(norm.stores)} | {norm.source} | {norm.confidence} |"
        for sector, norm in norms.flows.items()
    ]
    return [
        "Goods of a hectare in a year, taken where `[portfolio] flows` names no table:",
        "",
        "| Sector | Sends | t in | t out | By rail | By road | By warehouses | Stores goods of "
        "| Source | |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


PAGES = {"layers.md": layers_page, "settings.md": settings_page, "norms.md": norms_page}

if __name__ == "__main__":
    for page, made in PAGES.items():
        (HERE / page).write_text(made(), encoding="utf-8")
