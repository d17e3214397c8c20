"""Writing a scenario with every setting at its default, each with its meaning."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from geoplan.config.scenario import Scenario
from geoplan.config.settings import PortfolioSettings, TargetSettings
from geoplan.errors import GeoplanError, Problem

_EXAMPLE_VALUES = {
    "crs": "EPSG:32642",
    "zones": "zones.geojson",
    "exclusions": "exclusions.geojson",
    "gates": "gates.geojson",
    "utilities": "utilities.geojson",
    "receptors": "receptors.geojson",
    "roads": "roads.geojson",
    "sidings": "sidings.geojson",
    "plots": "plots.gpkg",
    "projects": "projects.csv",
    "flows": "flows.csv",
    "infrastructure": "infrastructure.csv",
    "as_of": date(2026, 11, 1),
    "kzt_per_usd": 520.0,
    "axis_deg": 0.0,
    "street_main_cost_mln_kzt_km": 1750.0,
    "street_collector_cost_mln_kzt_km": 1100.0,
    "street_local_cost_mln_kzt_km": 900.0,
}


def default_scenario_text() -> str:
    """Return a scenario file with every setting at its default, each with its meaning."""
    sections = []
    for name, field in Scenario.model_fields.items():
        if name in {"columns", "folder"}:
            continue
        optional = {"portfolio": PortfolioSettings, "targets": TargetSettings}
        model = optional.get(name, field.annotation)
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
    return write_new(default_scenario_text(), path)


def write_new(text: str, path: Path) -> Path:
    """Write a file that is not there yet, the whole of it or nothing.

    Raises
    ------
    GeoplanError
        If the file exists already or cannot be written.
    """
    try:
        _write_whole(text, path)
    except FileExistsError:
        cause = "it exists already and is left as it is."
        raise GeoplanError([Problem(str(path), cause, "Name a new file.")]) from None
    except OSError as error:
        cause = f"it cannot be written ({error.strerror})."
        raise GeoplanError([Problem(str(path), cause, "Name a writable folder.")]) from None
    return path


def _write_whole(text: str, path: Path) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as file, ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        file.write(text)
        file.flush()
        undo.pop_all()


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
