"""The manifest: what a plan was made from, and what proves that a folder is a plan's.

Keys that the publishers know; a plan may carry more of them:

=================  ==========================================================================
``name, notice``   the park's name and what must be said with it
``spz_distance_m`` distance of each hazard class to receptors, metres
``inputs``         path as written in the scenario -> SHA-256
``settings``       the scenario, section by section
``norms``          the norm profile: ``title``, ``balance`` (kind -> min, max, source, confidence)
``solver``         ``status``, ``objective``, ``bound``, ``gap``; or a list of them, with ``aim``
``scenario``       ``file``, as seen from the plan's folder, and its ``sha256``
``decisions``      what the planner has decided besides: ``pinned`` (project -> plots),
                   ``withdrawn``, ``off_market``; they hold in plans made from this one
``lineage``        what sums up the plans that this one was made from, the oldest first
``roads``          sums up where existing roads run, for plans that are made from this one
``previous``       SHA-256 of the ``plan.gpkg`` of the earlier plan that this one was made from
``replan``         planned again: price of a move, who moved, gain, values and bounds without
                   moves and with free ones
``retired_ids``    names that land of earlier plans had, and nothing is ever called again
``versions``       package -> version
``seed``           the allocator's seed
``stage_seconds``  stage -> seconds: the only values that differ between two runs
``written_by``     ``geoplan``; with ``files`` it lets a later run replace the folder
``files``          names of the files in the folder
=================  ==========================================================================
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geoplan.config.reading import readable_file
from geoplan.errors import GeoplanError, Problem

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

MANIFEST_NAME = "manifest.json"
WRITTEN_BY = "geoplan"


def write_manifest(manifest: Mapping[str, Any], path: Path) -> None:
    """Write a manifest as sorted, indented UTF-8 JSON.

    Numbers that JSON has no word for (infinite, not a number) become null.

    Parameters
    ----------
    manifest : mapping
        Nested mappings, sequences, text, numbers, booleans, paths and None.
    path : Path

    Raises
    ------
    TypeError
        If a value has no place in JSON; nothing is written then.
    """
    # A lone surrogate can come from JSON input, and UTF-8 cannot hold it.
    path.write_bytes((manifest_text(manifest) + "\n").encode("utf-8", errors="replace"))


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Return a manifest as :func:`write_manifest` writes it."""
    return json.dumps(_plain(manifest), ensure_ascii=False, indent=2, sort_keys=True)


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a saved plan.

    Raises
    ------
    GeoplanError
        If there is none, or it is not a JSON object.
    """
    remedy = "Name a folder that 'geoplan plan' has written."
    try:
        content = json.loads(readable_file(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise GeoplanError([Problem(str(path), "there is no such file.", remedy)]) from None
    except OSError as error:
        cause = f"it cannot be read ({error.strerror})."
        raise GeoplanError([Problem(str(path), cause, remedy)]) from None
    except ValueError as error:
        cause = f"it is not valid JSON ({error})."
        raise GeoplanError([Problem(str(path), cause, remedy)]) from None
    if not isinstance(content, dict):
        raise GeoplanError([Problem(str(path), "it is not a JSON object.", remedy)])
    return content


def scenario_seen_from(plan: PlanLayers, folder: Path) -> dict[str, Any]:
    """Return the manifest's ``scenario`` with its path as seen from the plan's folder."""
    told = plan.manifest.get("scenario")
    if told is None:
        return {}
    try:
        seen = os.path.relpath(told["file"], folder.resolve())
    except ValueError:  # another drive
        seen = told["file"]
    return {"scenario": {**told, "file": Path(seen).as_posix()}}


def scenario_seen_by_all(manifest: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a manifest that was read in a folder with the whole path of its ``scenario``."""
    told = manifest.get("scenario")
    if not isinstance(told, Mapping) or not isinstance(told.get("file"), str):
        return dict(manifest)
    whole = Path(os.path.normpath(folder.resolve() / told["file"])).as_posix()
    return {**manifest, "scenario": {**told, "file": whole}}


def written_files(folder: Path) -> frozenset[str] | None:
    """Return the names of the files that a plan wrote into `folder`; None if no plan did.

    A ``manifest.json`` alone proves nothing: web pages have one, too.
    """
    try:
        manifest = read_manifest(folder / MANIFEST_NAME)
    except GeoplanError:
        return None
    files = manifest.get("files")
    if manifest.get("written_by") != WRITTEN_BY or not isinstance(files, list):
        return None
    return frozenset(str(name) for name in files)


def _plain(value: Any) -> Any:
    """Reduce a value to what JSON has."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return value.as_posix()
    raise TypeError(f"a manifest cannot hold {type(value).__name__}: {value!r}")
