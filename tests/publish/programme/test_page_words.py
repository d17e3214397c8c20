"""The page's catalogues: complete, and in step with its code."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoplan.publish.map.words import LANGUAGES
from geoplan.publish.programme.content import DOMAIN, page_words
from geoplan.site import schema

from ..catalogues import count_translated, extracted, in_step, texts_of_scripts

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "geoplan" / "publish" / "programme" / "page"
OTHERS = LANGUAGES[1:]


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_hold_the_texts_of_the_code_and_no_others(language: str, made) -> None:
    assert in_step(made, language, DOMAIN), "Run docs/make_words.py and translate what it names."


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_with_its_plurals_and_placeholders(language: str, made) -> None:
    assert count_translated(made, language, DOMAIN) > 140


def test_no_text_of_a_script_escapes_the_extraction(made) -> None:
    texts = texts_of_scripts(SCRIPTS)
    assert len(texts) > 80
    assert texts <= extracted(made, DOMAIN)


def test_words_of_the_bundled_programme_are_known() -> None:
    folder = ROOT / "layers" / "kazakhstan" / "programme"
    sectors = pd.read_csv(folder / "projects.csv")["sector"]
    regions = pd.read_csv(folder / "parks.csv")["region"]
    words = {word.replace("_", " ") for word in (*sectors, *regions, *schema.PROJECT_STATUSES)}
    assert len(words) > 30
    assert words <= set(page_words()["en"])
