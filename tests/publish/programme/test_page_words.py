"""The page's catalogues: complete, and in step with its code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from babel.messages.pofile import read_po

from geoplan.publish.map.words import LANGUAGES
from geoplan.publish.programme.content import DOMAIN, page_words
from geoplan.site import schema

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "geoplan" / "publish" / "programme" / "page"
OTHERS = LANGUAGES[1:]
PLURALS = {"ru": 3, "kk": 2}


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_words", ROOT / "docs/make_words.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_hold_the_texts_of_the_code_and_no_others(language: str, made) -> None:
    catalogue = made.updated(language, made.texts(DOMAIN), DOMAIN)
    assert made.written(catalogue) == made.catalogue_path(language, DOMAIN).read_bytes(), (
        "Run docs/make_words.py and translate what it names."
    )


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_with_its_plurals_and_placeholders(language: str, made) -> None:
    with made.catalogue_path(language, DOMAIN).open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if message.id]
    assert len(messages) > 140
    for message in messages:
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert len(forms) == (PLURALS[language] if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id
        english = made.key_of(message)[-1]
        for form in forms:
            assert form.strip() == form != "", message.id
            assert _names(form) == _names(english), (message.id, form)


def _names(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def test_no_text_of_a_script_escapes_the_extraction(made) -> None:
    found = {key for message in made.texts(DOMAIN) if message.id for key in made.key_of(message)}
    call = re.compile(r"""(?<![\w$])tn?\(\s*(?:'((?:[^'\\]|\\.)+)'|"([^"]+)"|`([^`$]+)`)""")
    texts = {
        next(filter(None, match.groups()))
        for path in SCRIPTS.glob("*.js")
        for match in call.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(texts) > 80
    assert texts <= found


def test_words_of_the_bundled_programme_are_known() -> None:
    folder = ROOT / "layers" / "kazakhstan" / "programme"
    sectors = pd.read_csv(folder / "projects.csv")["sector"]
    regions = pd.read_csv(folder / "parks.csv")["region"]
    words = {word.replace("_", " ") for word in (*sectors, *regions, *schema.PROJECT_STATUSES)}
    assert len(words) > 30
    assert words <= set(page_words()["en"])
