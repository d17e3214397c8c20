"""What holds of the catalogues of every page that speaks several languages."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from babel.messages.pofile import read_po

PLURALS = {"ru": 3, "kk": 2}
CALL = re.compile(r"""(?<![\w$])tn?\(\s*(?:'((?:[^'\\]|\\.)+)'|"([^"]+)"|`([^`$]+)`)""")


def in_step(made: ModuleType, language: str, *domain: str) -> bool:
    """Whether a catalogue holds the texts of the code and no others."""
    catalogue = made.updated(language, made.texts(*domain), *domain)
    return made.written(catalogue) == made.catalogue_path(language, *domain).read_bytes()


def count_translated(made: ModuleType, language: str, *domain: str) -> int:
    """Count the messages, each of which must have its plurals and placeholders."""
    with made.catalogue_path(language, *domain).open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if message.id]
    for message in messages:
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert len(forms) == (PLURALS[language] if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id
        english = made.key_of(message)[-1]
        for form in forms:
            assert form.strip() == form != "", message.id
            assert _names(form) == _names(english), (message.id, form)
    return len(messages)


def _names(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def texts_of_scripts(folder: Path) -> set[str]:
    """Texts that a page's scripts ask to be translated."""
    return {
        next(filter(None, match.groups()))
        for path in folder.glob("*.js")
        for match in CALL.finditer(path.read_text(encoding="utf-8"))
    }


def extracted(made: ModuleType, *domain: str) -> set[str]:
    """Texts that the extraction finds."""
    return {key for message in made.texts(*domain) if message.id for key in made.key_of(message)}
