"""A platform's export of three projects, its map, and writing both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MAP = """\
records = "data.projects"
id_prefix = "NP-"
kzt_per_usd = 500

[columns]
project_id = "id"
name = "title"
investor = "investor.name"
area_ha = "land.area"
invest_bn_kzt = "sum"
use = "=production"

[values.status]
"На рассмотрении" = "review"
"Договор" = "contract"
"Отозван" = "withdrawn"

[units]
area_ha = "m2"
invest_bn_kzt = "mln_usd"
"""


def record(number: int, **changed: Any) -> dict[str, Any]:
    """Return one record of the export; `changed` are its fields at the top."""
    return {
        "id": number,
        "title": f"Завод {number}",
        "investor": {"name": f"ТОО {number}"},
        "land": {"area": 10_000 * number},
        "sum": 2 * number,
        "status": "На рассмотрении",
    } | changed


def write_export(folder: Path, *records: dict[str, Any]) -> Path:
    """Write records where the platform has them, and return the file."""
    path = folder / "export.json"
    content = {"total": len(records), "data": {"projects": list(records)}}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_map(folder: Path, text: str = MAP) -> Path:
    """Write the map, and return the file."""
    path = folder / "map.toml"
    path.write_text(text, encoding="utf-8")
    return path
