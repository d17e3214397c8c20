"""A Folium map whose page holds all it needs and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from typing import Any, cast

import folium
import jinja2
from branca.element import Element, Figure, Link
from folium.template import Template

from geoplan.errors import GeoplanError, Problem
from geoplan.publish.escape import html_text, script_json
from geoplan.publish.map.leaflet import leaflet_css, leaflet_js

SCRIPTS = (
    "payload.js",
    "shapes.js",
    "canvas.js",
    "styles.js",
    "draw.js",
    "labels.js",
    "passport.js",
    "panels.js",
    "search.js",
    "pointer.js",
    "start.js",
)
"""The page's own scripts, in the order they need each other."""

_SCRIPT_TEXT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


class Verbatim(Element):
    """Text that goes into the page as it is, never read as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:  # noqa: ARG002 - branca passes them to every element
        """Return the text."""
        return self.text


class Page(Figure):
    """A page that runs the scripts it was written with and can load nothing.

    Parameters
    ----------
    title : str
        Any text; it is shown by the browser's tab.
    """

    _template = jinja2.Template(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n'
        "<title>{{this.title}}</title>\n"
        "{{this.header.render(**kwargs)}}\n"
        "</head>\n<body>\n"
        "{{this.html.render(**kwargs)}}\n"
        "<script>\n{{this.script.render(**kwargs)}}\n</script>\n"
        "</body>\n</html>\n"
    )

    def __init__(self, title: str) -> None:
        super().__init__(title=html_text(title), height="640px")

    def render(self, **kwargs: Any) -> str:
        """Return the page; its policy admits its own scripts by their digests, and no other."""
        html = super().render(**kwargs)
        digests = [_digest(script) for script in _SCRIPT_TEXT.findall(html)]
        policy = _POLICY.format(scripts=" ".join(dict.fromkeys(digests)))
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        return html.replace("<head>\n", f"<head>\n{meta}\n", 1)


class PlanMap(folium.Map):
    """A map of a plan in one file that works from a disk, without a network.

    Parameters
    ----------
    title : str
        Any text.
    payload : str
        What :func:`geoplan.publish.map.payload.packed` made of the content.
    bounds : pair of (latitude, longitude)
        South-west and north-east corner of the park.

    Notes
    -----
    Stock Folium elements may be added if they need no files of their own. One that links to a
    server makes rendering raise :class:`~geoplan.errors.GeoplanError`, for its page would be
    broken where there is no network.
    """

    # Unlike Folium's own, this page may be pinched to zoom, which people of weak sight need.
    _template = Template(
        """
        {% macro header(this, kwargs) %}
            <meta name="viewport" content="width=device-width, initial-scale=1">
        {% endmacro %}
        {% macro html(this, kwargs) %}
            <main class="folium-map geoplan-map" id={{ this.get_name()|tojson }}></main>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} = geoplan.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }},
                crs: L.CRS.{{ this.crs }},
                ...{{ this.options|tojavascript }}
            });
        {% endmacro %}
        """
    )

    def __init__(
        self, title: str, payload: str, bounds: tuple[tuple[float, float], tuple[float, float]]
    ) -> None:
        (south, west), (north, east) = bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=14,
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            zoom_snap=0.25,
            max_zoom=21,
        )
        self.default_js = [link for link in self.default_js if link[0] == "leaflet"]
        self.default_css = [link for link in self.default_css if link[0] == "leaflet_css"]
        self.bounds = bounds
        self.payload = payload
        self.page_id = hashlib.sha256(payload.encode("ascii")).hexdigest()[:12]
        self._id = self.page_id
        Page(title).add_child(self, name=self.get_name())

    def _get_self_bounds(self) -> list[list[float | None]]:
        return [list(corner) for corner in self.bounds]

    # Folium's map elements return nothing, whatever the base class of all elements declares.
    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Put the map into its page, and every file that it links to as well."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        page = cast("Figure", self.get_root())
        contents = {
            "leaflet": f"<script>{leaflet_js()}</script>",
            "leaflet_css": f"<style>{leaflet_css()}</style>",
        }
        for name, text in contents.items():
            page.header._children[name] = Verbatim(text)
        page.header.add_child(Verbatim(f"<script>\n{_own_scripts()}</script>"), name="geoplan_js")
        page.header.add_child(Verbatim(f"<style>\n{_asset('map.css')}</style>"), name="geoplan_css")
        data = script_json({"gzip": self.payload})
        element = f'<script type="application/json" id="{self.get_name()}_data">{data}</script>'
        page.html.add_child(Verbatim(element), name=f"{self.get_name()}_data")
        _refuse_links(page)


def _refuse_links(page: Figure) -> None:
    """Raise if an element brought a link along."""
    parts = (page.header, page.html, page.script)
    links = [e for part in parts for e in part._children.values() if isinstance(e, Link)]
    if links:
        raise GeoplanError(
            [
                Problem(
                    "map",
                    f"an element that was added to it loads {link.url}.",
                    "Leave it out, or add it to a folium.Map, which may use the network.",
                )
                for link in links
            ]
        )


def _own_scripts() -> str:
    return "".join(_asset(name) for name in SCRIPTS)


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
