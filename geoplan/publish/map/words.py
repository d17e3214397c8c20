"""The page's words: English in the code, other languages from gettext catalogues."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from babel.messages.pofile import read_po

from geoplan.errors import GeoplanError, Problem

LANGUAGES = ("en", "ru", "kk")
"""Languages that the page can be read in; English is what the code is written in."""
DOMAIN = "map"


def N_(message: str) -> str:  # noqa: N802 - the name that extraction tools look for
    """Mark a text for the catalogues; the page translates it when it shows it."""
    return message


@cache
def catalogue(language: str, domain: str = DOMAIN) -> dict[str, str | list[str]]:
    """Return the translations of one language: a text, or one for each plural form.

    Parameters
    ----------
    language : str
        One of :data:`LANGUAGES`; English has none.
    domain : str
        Which page's texts: the name of the catalogues.

    Returns
    -------
    dict
        By the English text, the singular where it has a plural. Texts that are not translated
        are absent.
    """
    if language == LANGUAGES[0]:
        return {}
    place = resources.files("geoplan.locale") / language / "LC_MESSAGES" / f"{domain}.po"
    with place.open("rb") as file:
        messages = read_po(file, locale=language)
    return {_key(message.id): _text(message.string) for message in messages if message.id}


def catalogues() -> dict[str, list[Any]]:
    """Return all translations, as the page carries them.

    Returns
    -------
    dict
        By language, texts in one order; under English the texts to look them up by.
    """
    known = {language: catalogue(language) for language in LANGUAGES[1:]}
    texts = sorted(set().union(*known.values()))
    told = {language: [words.get(text, "") for text in texts] for language, words in known.items()}
    return {LANGUAGES[0]: texts, **told}


def check_language(language: str) -> None:
    """Raise :class:`~geoplan.errors.GeoplanError` for a language that the page does not speak."""
    if language not in LANGUAGES:
        cause = f"it cannot be read in '{language}'."
        raise GeoplanError([Problem("map", cause, f"Choose one of {', '.join(LANGUAGES)}.")])


def _key(identity: Any) -> str:
    return str(identity if isinstance(identity, str) else identity[0])


def _text(string: Any) -> str | list[str]:
    return string if isinstance(string, str) else [str(form) for form in string]
