"""A Folium map whose page holds all it needs and asks nobody for anything."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from functools import cache
from importlib import resources
from typing import Any, cast

import folium
import jinja2
from branca.element import Element, Figure, Link
from folium.template import Template

from geoplan.errors import GeoplanError, Problem
from geoplan.publish.escape import html_text
from geoplan.publish.map.leaflet import leaflet_css, leaflet_js
from geoplan.publish.map.words import LANGUAGES

SCRIPTS = (
    "payload.js",
    "words.js",
    "tables.js",
    "shapes.js",
    "canvas.js",
    "styles.js",
    "draw.js",
    "labels.js",
    "captions.js",
    "view.js",
    "shell.js",
    "unplaced.js",
    "legend.js",
    "search.js",
    "sift.js",
    "grid.js",
    "csv.js",
    "ledgers.js",
    "charts.js",
    "theme.js",
    "year.js",
    "measure.js",
    "print.js",
    "why.js",
    "edits.js",
    "acts.js",
    "picker.js",
    "edit.js",
    "link.js",
    "compare.js",
    "explore.js",
    "supply.js",
    "flows.js",
    "pointer.js",
    "start.js",
)
"""The page's own scripts, in the order they need each other."""
STYLES = ("map.css", "ledgers.css", "view.css", "compare.css", "edit.css")
"""The page's own style sheets, in their order."""
_LOADER = """(async () => {
  const code = document.getElementById('geoplan_code');
  const bytes = Uint8Array.from(atob(code.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const script = document.createElement('script');
  script.textContent = await new Response(stream).text();
  code.replaceWith(script);
})();"""
"""Runs the page's compressed code as one script element, whose digest the policy knows."""
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

    Leaflet, the page's own scripts and style sheets and what Folium's elements say are carried
    compressed, as one script: a third of their size.

    Parameters
    ----------
    title : str
        Any text; it is shown by the browser's tab.
    language : str
        Code of the language in which it opens.
    """

    _template = jinja2.Template(
        '<!DOCTYPE html>\n<html lang="{{this.language}}">\n<head>\n'
        '<meta http-equiv="Content-Security-Policy" content="{{policy}}">\n'
        "<title>{{this.title}}</title>\n"
        "{{header}}\n"
        "</head>\n<body>\n"
        "{{html}}\n"
        '<script type="application/gzip" id="geoplan_code">{{code}}</script>\n'
        "<script>{{loader}}</script>\n"
        "</body>\n</html>\n"
    )

    def __init__(self, title: str, language: str) -> None:
        super().__init__(title=html_text(title), height="640px")
        self.language = language

    def render(self, **kwargs: Any) -> str:
        """Return the page; its policy admits its own scripts by their digests, and no other."""
        for child in self._children.values():
            child.render(**kwargs)
        header, html = self.header.render(**kwargs), self.html.render(**kwargs)
        code = f"{_library()}\n{self.script.render(**kwargs)}"
        runs = [*_SCRIPT_TEXT.findall(f"{header}\n{html}"), _LOADER, code]
        packed = gzip.compress(code.encode("utf-8"), mtime=0)
        page: str = self._template.render(
            this=self,
            policy=_POLICY.format(scripts=" ".join(dict.fromkeys(map(_digest, runs)))),
            header=header,
            html=html,
            code=base64.b64encode(packed).decode("ascii"),
            loader=_LOADER,
        )
        return page


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
    language : str
        Code of the language in which the page opens.

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
        self,
        title: str,
        payload: str,
        bounds: tuple[tuple[float, float], tuple[float, float]],
        *,
        language: str = LANGUAGES[0],
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
        Page(title, language).add_child(self, name=self.get_name())

    def _get_self_bounds(self) -> list[list[float | None]]:
        return [list(corner) for corner in self.bounds]

    # Folium's map elements return nothing, whatever the base class of all elements declares.
    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Put the map into its page, and every file that it links to as well."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        page = cast("Figure", self.get_root())
        for name in ("leaflet", "leaflet_css"):  # the page carries them itself
            del page.header._children[name]
        # Base64 holds nothing that means anything to HTML, to a script or to a template.
        data = f'{{"gzip":"{self.payload}"}}'
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


@cache
def _library() -> str:
    """Return Leaflet, the page's scripts and, added by these, all style sheets."""
    styles = "\n".join([leaflet_css(), *(_asset(name) for name in STYLES)])
    sheet = f"Object.assign(document.createElement('style'), {{textContent: {json.dumps(styles)}}})"
    scripts = [leaflet_js(), *(_asset(name) for name in SCRIPTS)]
    return "\n".join([f"document.head.append({sheet});", *scripts])


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
