"""Leaflet's own files, from an installed package instead of a server.

Folium's pages load Leaflet from content networks and stay blank without them. The XStatic wheel
holds the very release that Folium names, so a page can carry it.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath

from geoplan.errors import GeoplanError, Problem

DISTRIBUTION = "XStatic-Leaflet"

_IMAGE_URL = re.compile(r"url\((?P<path>images/[\w.-]+\.png)\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@cache
def leaflet_js() -> str:
    """Return Leaflet's script, without the link to its source map."""
    return _SOURCE_MAP.sub("", _file("leaflet.js").read_text(encoding="utf-8")).strip()


@cache
def leaflet_css() -> str:
    """Return Leaflet's style sheet, with its images inside."""
    text = _file("leaflet.css").read_text(encoding="utf-8")
    return _IMAGE_URL.sub(lambda url: f"url({_data_uri(url['path'])})", text).strip()


def _data_uri(path: str) -> str:
    content = base64.b64encode(_file(path).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{content}"


def _file(name: str) -> Path:
    """Return where the wheel put one of its data files."""
    wanted = PurePosixPath("data") / name
    try:
        files = metadata.files(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.match(str(wanted)):
            return Path(str(file.locate()))
    raise GeoplanError(
        [
            Problem(
                DISTRIBUTION,
                f"the map needs {name} from this package, and it is not installed.",
                "Install the packages that geoplan requires.",
            )
        ]
    )
