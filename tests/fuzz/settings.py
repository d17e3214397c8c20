"""Odd values in each setting of a scenario."""

from __future__ import annotations

import re
import tomllib

import numpy as np

from geoplan.config import Scenario

from .cases import Case, Copied, Setting
from .parks import GIVEN, SCENARIO

ODD = (
    *("nan", "inf", "-inf", "-1", "0", "-0.0", "1e308", "1e-308", "5e-324", "0.5", "1", "2", "3"),
    *("7", "1e6", "1e9", "1000000000000", "9223372036854775807", "100000000000000000000000"),
    *("true", "false", '""', '" "', '"1"', '"nan"', '"x"', '"EPSG:4326"', '"EPSG:3857"'),
    *('"grid"', '"to-measure"', '"jobs"', '"../park.toml"', '"."', '"/"', '"/dev/null"', '"a|b"'),
    *('"zones.geojson|zones"',),
    *('"zones.geojson|none"', '"\\u0000"', '"\\u202e"', '"' + "x" * 5000 + '"'),
    *("[]", "[1]", '["jobs"]', '["production"]', '["reserve"]', '["x"]', "[[]]", '[["S-1","S-2"]]'),
    *('[["S-1"]]', '[["S-1","N-3"]]', '[["S-1","S-1"]]', "{}", "{a = 1}", '{"S-2" = [0.5]}'),
    *('{"S-2" = [5.0]}', '{"S-2" = []}', "2026-11-23", "12:00:00", "2026-11-23T00:00:00Z"),
    *('"projects.csv"', '"gates.geojson"', '"utilities.csv"', '"kz-industrial"', '"norms.toml"'),
    *('"+proj=utm +zone=42"', '"EPSG:28412"', '"+proj=longlat"', '"jobs + 1e308 investment"'),
    *('["investment + 0.002 jobs"]', '["area_fit", "area_fit"]', '["jobs + nan investment"]'),
)  # fmt: skip
_KEYS = {
    section: sorted(field.annotation.model_fields)
    for section, field in Scenario.model_fields.items()
    if hasattr(field.annotation, "model_fields")
} | {"portfolio": ["projects"]}


def misset(copied: Copied, rng: np.random.Generator) -> Case:
    """Give one setting an odd value; others stay as they are."""
    base = str(rng.choice(["plain", "plain", GIVEN]))
    sections = sorted(_KEYS)
    weights = np.array([len(_KEYS[section]) for section in sections], dtype=float)
    section = str(rng.choice(sections, p=weights / weights.sum()))
    key = str(rng.choice(_KEYS[section]))
    value = ODD[int(rng.integers(len(ODD)))]
    path = copied(base) / SCENARIO
    text = path.read_text(encoding="utf-8")
    path.write_text(_set(text, section, key, value), encoding="utf-8")
    read = tomllib.loads(f"value = {value}")["value"]
    return Case(base, f"[{section}] {key} = {value[:60]}", changed=Setting(section, key, read))


def _set(text: str, section: str, key: str, value: str) -> str:
    line = f"{key} = {value}\n"
    if f"[{section}]\n" not in text:
        return f"{text}\n[{section}]\n{line}"
    head, _, tail = text.partition(f"[{section}]\n")
    body, bar, rest = tail.partition("\n[")
    body = re.sub(rf"(?m)^{key} = .*\n?", "", body)
    return f"{head}[{section}]\n{line}{body}{bar}{rest}"
