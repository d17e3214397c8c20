"""Bytes that a disk, a transfer or an editor has damaged, in every format."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .cases import Case, Copied
from .parks import CHANGED, SAVED, SCENARIO, TABLES, ZONES

BLOCK = 64
_READ = {"gates.geojson", "receptors.geojson", "utilities.csv", "exclusions.geojson"}
_STANDING = {*_READ, "roads.geojson", "zones.geojson", "projects.csv", SCENARIO}
_WAYS = ("flip", "flip", "flip", "text", "text", "text", "digit", "digit", "digit", "cut", "insert",
         "duplicate", "zero", "truncate", "swap")  # fmt: skip
_FIGURES = b"0123456789"
_TEXT = (b'"', b",", b"\n", b"0", b"-", b"e", b"\x00", b"\xff", b"{", b"]", b"<", b"\xd0", b";")


def damage(copied: Copied, rng: np.random.Generator) -> Case:
    """Damage the file of a format, once to four times."""
    base = str(rng.choice([*ZONES, *TABLES, "plain", SAVED]))
    folder = copied(base)
    path, way = _target(folder, base, rng)
    content = path.read_bytes()
    done = []
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        content, how = _once(content, rng)
        done.append(how)
    path.write_bytes(content)
    name = path.relative_to(folder).as_posix()
    return Case(base, f"{name}: {', '.join(done)}", way)


def _target(folder: Path, base: str, rng: np.random.Generator) -> tuple[Path, str]:
    if base == SAVED:
        name = str(rng.choice(["plan/plan.gpkg", "plan/manifest.json", CHANGED]))
        return folder / name, "amend" if name == CHANGED or rng.random() < 0.3 else "load"
    if base == "plain":
        return folder / str(rng.choice(sorted(_STANDING))), "scenario"
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    own = [p for p in files if p.relative_to(folder).as_posix() not in _STANDING]
    own = own or [folder / "projects.csv"]
    return own[int(rng.integers(len(own)))], "scenario"


def _once(content: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    size = len(content)
    at = int(rng.integers(size + 1))
    # The head of a file says most of what it is.
    if rng.random() < 0.3:
        at = int(rng.integers(min(size, 200) + 1))
    length = int(rng.integers(1, min(BLOCK, size + 1) + 1))
    how = str(rng.choice(_WAYS))
    head, block, tail = content[:at], content[at : at + length], content[at + length :]
    if how == "flip" and at < size:
        changed = bytes([content[at] ^ (1 << int(rng.integers(8)))])
        content = head + changed + content[at + 1 :]
    elif how == "digit":
        figures = [place for place in range(at, min(at + 400, size)) if content[place] in _FIGURES]
        at = figures[0] if figures else at
        content = content[:at] + str(int(rng.integers(10))).encode() + content[at + 1 :]
    elif how == "cut":
        content = head + tail
    elif how == "insert":
        content = head + rng.bytes(length) + block + tail
    elif how == "duplicate":
        content = head + block + block + tail
    elif how == "zero":
        content = head + bytes(len(block)) + tail
    elif how == "truncate":
        content = head
    elif how == "swap":
        content = tail + block + head
    else:
        content = head + _TEXT[int(rng.integers(len(_TEXT)))] + content[at + 1 :]
    return content, f"{how} {length} at {at} of {size}"
