"""``programme.html``: the programme on one page, for those who decide about it.

Like the map the page is one file that works without a network, runs the one script that it was
written with and can load nothing; all that applicants typed is data, which the script shows as
text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from functools import cache
from importlib import resources

from markupsafe import Markup

from geoplan.publish.map.payload import packed
from geoplan.publish.map.words import LANGUAGES, check_language
from geoplan.publish.page import rendered
from geoplan.publish.programme.content import page_content
from geoplan.publish.programme.tables import ProgrammeTables

TEMPLATE = "programme/programme.html"
SHARED_SCRIPTS = ("payload.js", "words.js", "tables.js", "sift.js", "csv.js")
"""Scripts of the map's page that read and tell data, in the order they need each other."""
SCRIPTS = (
    "frame.js",
    "headline.js",
    "years.js",
    "country.js",
    "card.js",
    "sectors.js",
    "missing.js",
    "ledgers.js",
    "start.js",
)
"""The page's own scripts, in the order they need each other."""
_POLICY = (
    "default-src 'none'; script-src {digest}; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_WITHOUT_SCRIPTS = "This page draws itself with its own script; please allow scripts for it."


def programme_html(
    programme: ProgrammeTables,
    *,
    language: str = LANGUAGES[0],
    planned: Collection[str] = (),
) -> str:
    """Write the page for the top: targets against plan, parks, sectors, what is missing.

    Parameters
    ----------
    programme : ProgrammeTables
    language : str
        In which the page opens: ``en``, ``ru`` or ``kk``. Its reader may choose another.
    planned : collection of str
        Parks, by ``park_id``, whose maps the page links to, as ``parks/PARK_ID/map.html``.

    Returns
    -------
    str
        One HTML file that needs no other; the same tables give the same text.

    Raises
    ------
    GeoplanError
        If there is no such language.
    """
    check_language(language)
    code = _code()
    content = page_content(programme, language=language, planned=planned)
    return rendered(
        TEMPLATE,
        language=language,
        title=programme.name,
        policy=_POLICY.format(digest=_digest(code)),
        style=Markup(_asset("programme.css")),  # noqa: S704 - the package's own files
        without_scripts=_WITHOUT_SCRIPTS,
        data=packed(content),
        code=Markup(code),  # noqa: S704
    )


@cache
def _code() -> str:
    shared = resources.files("geoplan.publish.map") / "page"
    parts = [shared.joinpath(name).read_text(encoding="utf-8") for name in SHARED_SCRIPTS]
    return "\n".join([*parts, *map(_asset, SCRIPTS)])


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
