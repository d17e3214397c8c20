"""Bring the pages' catalogues up to date with the texts of its code.

Run ``python docs/make_words.py``. Texts that are new come without a translation, and those that
the code has no more go; the tests refuse catalogues with gaps. The same code and translations
give the same files: sorted, without dates and without line numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from geoplan.publish.map.words import DOMAIN, LANGUAGES
from geoplan.publish.programme.content import DOMAIN as PROGRAMME

PACKAGE = Path(__file__).parents[1] / "geoplan"
PAGES = {DOMAIN: PACKAGE / "publish" / "map", PROGRAMME: PACKAGE / "publish" / "programme"}
"""Where the code of each page stands, by the name of its catalogues."""
KEYWORDS = {"t": None, "tn": (1, 2), "N_": None}
"""Functions whose first texts are for readers; ``tn`` has a singular and a plural."""
METHODS = {".js": "javascript", ".py": "python"}
HEADER = (
    "# What the {page} says, in another language; docs/make_words.py keeps the English up to date."
)


def texts(domain: str = DOMAIN) -> Catalog:
    """Return every text of a page's code, without translations."""
    found = Catalog(charset="utf-8")
    for path in sorted(file for file in PAGES[domain].rglob("*") if file.suffix in METHODS):
        for _, message, _, _ in extract_from_file(METHODS[path.suffix], path, keywords=KEYWORDS):
            found.add(message)
    return found


def catalogue_path(language: str, domain: str = DOMAIN) -> Path:
    """Return where the translations into a language stand."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def updated(language: str, found: Catalog, domain: str = DOMAIN) -> Catalog:
    """Return the translations of texts that the code has, and blanks for those it is to have."""
    with catalogue_path(language, domain).open("rb") as file:
        earlier = {key_of(message): message for message in read_po(file, locale=language)}
    header = HEADER.format(page=domain)
    catalogue = Catalog(locale=language, header_comment=header, charset="utf-8")
    for message in found:
        if message.id:
            added = catalogue.add(message.id, _string(message, earlier, catalogue.num_plurals))
            added.flags.clear()  # Babel takes what it sees in braces or after "%" for Python's
    return catalogue


def key_of(message: Message) -> tuple[str, ...]:
    """Return a text with its plural, if it has one."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _string(
    message: Message, earlier: Mapping[tuple[str, ...], Message], plurals: int
) -> str | tuple[str, ...]:
    known = earlier.get(key_of(message))
    if known is not None:
        return known.string
    return ("",) * plurals if message.pluralizable else ""


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as a file holds it: no more of a header than readers of it need."""
    file = BytesIO()
    write_po(file, catalogue, omit_header=True, sort_output=True, width=100)
    header = (
        f'{catalogue.header_comment}\nmsgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return header.encode("utf-8") + file.getvalue()


def main() -> int:
    """Write the catalogues and say what is left to translate."""
    for domain in PAGES:
        found = texts(domain)
        for language in LANGUAGES[1:]:
            catalogue = updated(language, found, domain)
            catalogue_path(language, domain).write_bytes(written(catalogue))
            blank = [message.id for message in catalogue if message.id and not any(message.string)]
            print(f"{domain}, {language}: {len(catalogue)} texts, {len(blank)} to translate")
            for text in blank:
                print(f"  {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
