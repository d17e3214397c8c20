"""Pages with one hostile text each: drawn one by one, so that none that fails hides another."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import folium

SENTINEL = "GEOPLAN_HACKED"
"""What a text sets in the environment when it is read as a template."""
PLAIN = "plain"
"""A text that harms none: what its page holds is what the makers put there."""

Draw = Callable[[str, Sequence[str]], folium.Map]


def draw_all(
    job_file: str,
    result_file: str,
    *,
    drawing: Callable[[dict[str, Any]], tuple[Draw, list[list[str]]]],
) -> None:
    """Run one job.

    Parameters
    ----------
    job_file : str
        JSON with ``texts`` and ``pages``, the folder that gets the pages.
    result_file : str
        Gets ``pages``: of each its ``text`` (its place in the list, -1 for the plain one),
        ``places`` that hold it, ``page`` (a file), ``map`` (its name in JavaScript), ``raised``
        and ``ran``: whether drawing it raised, or ran the text in Python.
    drawing : callable
        From the job to what draws a text in places, and the places that share a page.
    """
    job = json.loads(Path(job_file).read_text())
    draw, together = drawing(job)
    pages = []
    for number, text in enumerate([PLAIN, *job["texts"]], start=-1):
        for places in together:
            path = Path(job["pages"]) / f"{number}_{places[0].replace(' ', '_')}.html"
            pages.append({"text": number, "places": places} | _drawn(draw, text, places, path))
    Path(result_file).write_text(json.dumps({"pages": pages}))


def _drawn(draw: Draw, text: str, places: Sequence[str], path: Path) -> dict[str, Any]:
    def save() -> str:
        drawn = draw(text, places)
        path.write_bytes(drawn.get_root().render().encode())
        return str(drawn.get_name())

    # Whatever a text makes a tool raise is a figure; a future keeps it.
    with ThreadPoolExecutor(max_workers=1) as pool:
        saved = pool.submit(save)
    error = saved.exception()
    return {
        "page": str(path),
        "map": "" if error else saved.result(),
        "raised": repr(error) if error else "",
        "ran": os.environ.pop(SENTINEL, None) is not None,
    }
