"""What an applicant typed stays text, whichever parser reads the file."""

from __future__ import annotations

import html
from html.parser import HTMLParser

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.publish.escape import html_text

from .hostile import HOSTILE

ANY_TEXT = st.text(st.characters(), max_size=60)
CONTROLS = "".join(map(chr, [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]))


class Tags(HTMLParser):
    """Collects what an HTML parser takes for markup."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.seen += [name for name, _ in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.seen.append(f"comment {data}")


def tags_of(text: str) -> list[str]:
    parser = Tags()
    parser.feed(text)
    parser.close()
    return parser.seen


def as_template_twice(text: str) -> str:
    return jinja2.Template(jinja2.Template(text).render()).render()


def writable(text: str) -> str:
    """Return the text with what HTML cannot hold replaced, as browsers do."""
    unheld = {*CONTROLS, "\ufffe", "\uffff", *map(chr, range(0xD800, 0xE000))}
    return "".join("\ufffd" if character in unheld else character for character in text)


def test_the_list_of_hostile_texts_is_long() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("text", HOSTILE)
def test_text_reads_back_after_two_templates(text: str) -> None:
    assert html.unescape(as_template_twice(html_text(text))) == writable(text)


@given(ANY_TEXT)
def test_any_text_is_inert_in_html_and_in_attributes(text: str) -> None:
    written = html_text(text)
    assert html.unescape(as_template_twice(written)) == writable(text)
    assert tags_of(f"<p title='{written}' lang=\"{written}\">{written}</p>") == [
        "p",
        "title",
        "lang",
        "/p",
    ]
    written.encode("utf-8")


def test_text_of_other_values_is_their_str() -> None:
    assert html_text(1.5) == "1.5"
