"""The programme's page in a browser: its figures, its map, its keys, offline and silent."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shapely import Point, Polygon

from geoplan.publish.programme.content import page_words
from geoplan.publish.programme.page import programme_html
from geoplan.publish.programme.tables import ProgrammeTables

from ..conftest import Opened
from .sample import many

Opening = Callable[..., Opened]
OTHERS = ("ru", "kk")
LARGEST_BYTES = 1_000_000


def quiet(opened: Opened) -> None:
    """Assert that the page asked for nothing and complained of nothing."""
    assert opened.errors == []
    assert len(opened.requests) == 1


def texts(opened: Opened, selector: str) -> list[str]:
    return [" ".join(text.split()) for text in opened.page.locator(selector).all_inner_texts()]


def test_the_headline_tells_the_sums_of_the_tables(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    asking = programme.projects[programme.projects["project_status"] != "withdrawn"]
    placed = asking[asking["status"] == "placed"]
    tiles = texts(opened, ".tiles li")
    trn = placed["invest_bn_kzt"].sum() / 1000
    assert tiles[0].startswith(f"Investment placed {trn:.2f} trn KZT")
    assert f"{trn * 1000 / programme.kzt_per_usd:.2f} bn USD" in tiles[0]
    assert f"of {asking['invest_bn_kzt'].sum() / 1000:.2f} trn KZT" in tiles[0]
    assert tiles[2] == f"Projects placed {len(placed)} of {len(asking)} 57.1 %"
    assert tiles[3] == f"Jobs {placed['jobs'].sum()} of {asking['jobs'].sum()} asked for"
    assert tiles[4] == "Parks 4 in 3 regions"
    assert "6.25 %" in tiles[5]
    assert "1.60 trn KZT" in tiles[5]
    assert (
        "By 2028: 1.10 trn KZT of 3.00 trn KZT; 1.90 trn KZT missing." in texts(opened, ".lead")[0]
    )
    assert opened.page.title() == programme.name
    assert texts(opened, ".notice") == [programme.notice]
    quiet(opened)


def test_years_are_bars_against_a_line_and_rows_of_figures(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    rows = texts(opened, "#years tbody tr")
    assert rows[0] == "2026 0.50 0.05 0.45 0.45 0.08 1"
    assert rows[2] == "2028 1.50 0.70 0.80 1.90 0.77 1"
    assert rows[3] == "2029 – 0.40 – – 0.44 0"
    assert texts(opened, "#years tfoot tr") == ["2026–2028 3.00 1.10 1.90"]
    heights = opened.page.locator("#years rect.planned").evaluate_all(
        "bars => bars.map((bar) => Number(bar.getAttribute('height')))"
    )
    planned = programme.years["planned_bn_kzt"].to_numpy()
    assert np.array(heights) / max(heights) == pytest.approx(planned / planned.max(), abs=1e-6)
    # Each line stands as high over the ground as its target is over nothing.
    line, bar, ground = opened.page.evaluate("""(() => {
      const year = document.querySelectorAll('#years .year')[2];
      const bar = year.querySelector('.planned').getBBox();
      return [year.querySelector('.target').getBBox().y, bar.height, bar.y + bar.height];
    })()""")
    assert (ground - line) / bar == pytest.approx(1500 / 700, abs=1e-3)
    assert opened.page.locator("#years .target:not(i)").count() == 3
    widths = opened.page.locator("#years .closing .bar i").evaluate_all(
        "parts => parts.map((part) => part.getBoundingClientRect().width)"
    )
    assert np.array(widths) / sum(widths) == pytest.approx(
        np.array([145, 400, 1355]) / 1900, abs=5e-3
    )


def test_money_is_told_in_the_currency_chosen(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    opened.page.get_by_role("button", name="USD", exact=True).click()
    assert opened.page.evaluate("document.activeElement.dataset.key") == "USD"
    assert "By 2028: 2.20 bn USD of 6.00 bn USD; 3.80 bn USD missing." in texts(opened, ".lead")[0]
    assert texts(opened, "#years tbody tr")[1] == "2027 2.00 0.70 1.30 2.20 0.81 2"
    assert "100 mln USD" not in opened.page.inner_text("#years")
    assert "1 USD = 500 KZT" in opened.page.inner_text("header")
    quiet(opened)


def test_each_park_is_a_circle_at_its_place(open_page: Opening, programme: ProgrammeTables) -> None:
    opened = open_page(programme)
    drawn = opened.page.evaluate("""(() => {
      const { country } = geoplan.page.data;
      const width = document.querySelector('#parks svg').viewBox.baseVal.width;
      const scale = width / country.width;
      return [...document.querySelectorAll('#parks .park')].map((mark) => {
        const circle = mark.querySelector('circle');
        const at = (name) => Number(circle.getAttribute(name)) / scale;
        return { row: Number(mark.dataset.park), x: at('cx'), y: at('cy'), r: at('r'),
          kind: circle.getAttribute('class') };
      });
    })()""")
    content = opened.page.evaluate("geoplan.page.data.country")
    border = Polygon(content["outline"])
    assert sorted(mark["row"] for mark in drawn) == [0, 1, 2, 3]
    by_row = {mark["row"]: mark for mark in drawn}
    for row, mark in by_row.items():
        assert border.contains(Point(mark["x"], mark["y"]))
        far = np.hypot(mark["x"] - content["x"][row], mark["y"] - content["y"][row])
        assert far < 60
    # Areas of circles are as investments are; the two at Astana do not lie on each other.
    assert (by_row[1]["r"] / by_row[2]["r"]) ** 2 == pytest.approx(400 / 800, rel=1e-6)
    a, b = by_row[0], by_row[3]
    assert np.hypot(a["x"] - b["x"], a["y"] - b["y"]) >= a["r"] + b["r"]
    assert [by_row[row]["kind"] for row in range(4)] == ["room-0", "room-0", "room-4", "room-4"]


@pytest.mark.parametrize("width", [1400, 390])
def test_labels_lie_on_no_circle_and_on_no_label(open_page: Opening, width: int) -> None:
    opened = open_page(many(60, 80), width=width)
    overlapping = opened.page.evaluate("""(() => {
      const box = (node) => node.getBoundingClientRect();
      const circles = [...document.querySelectorAll('#parks .park circle')].map(box);
      const labels = [...document.querySelectorAll('#parks .park-name')].map(box);
      const meet = (a, b) => a.left < b.right - 2.5 && b.left < a.right - 2.5
        && a.top < b.bottom - 2.5 && b.top < a.bottom - 2.5;
      const svg = box(document.querySelector('#parks svg'));
      const inside = (a) => a.left >= svg.left && a.right <= svg.right + 1;
      return [labels.length, circles.length, labels.every(inside),
        labels.filter((a, i) => circles.some((b) => meet(a, b))
          || labels.some((b, j) => i !== j && meet(a, b))).length];
    })()""")
    assert overlapping[0] > 3
    assert overlapping[1:] == [60, True, 0]


def test_keys_lead_from_park_to_park_and_the_card_follows(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme, planned=["P2", "P3"])
    page = opened.page
    assert page.locator("#parks .park[tabindex='0']").count() == 1
    page.get_by_label("Colour").focus()
    page.keyboard.press("Tab")
    card = page.locator("#parks .card")
    assert card.locator("h3").inner_text() == "South Park"
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.keyboard.press("ArrowRight")
    assert card.locator("h3").inner_text() == "East Park"
    told = " ".join(card.inner_text().split())
    assert "400 bn KZT" in told
    assert "1 of 50 ha free" in told
    assert "0.5 of 10 MW free" in told
    assert "Used up: plots." in told
    assert "2.5 MW more power in East (P2)" in told
    assert card.locator("a").get_attribute("href") == "parks/P2/map.html"
    page.keyboard.press("ArrowRight")
    assert card.locator("h3").inner_text() == "North Park"
    assert card.locator("a").count() == 0
    page.get_by_role("button", name="All parks").click()
    assert card.locator("h3").inner_text() == "All parks"
    quiet(opened)


def test_a_region_is_chosen_for_map_lists_and_tables(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    opened.page.get_by_label("Region").select_option("Abai")
    assert opened.page.locator("#parks .park").count() == 1
    assert texts(opened, "#missing .remedies li") == [
        "2.5 MW more power in East (P2): "
        "1 project waits for it and for something else as well, 60.0 bn KZT.",
        "3 ha more land in plots in East (P2): "
        "1 project waits for it and for something else as well, 60.0 bn KZT.",
    ]
    ledgers = opened.page.locator("#tables table")
    assert ledgers.nth(0).locator("tbody tr").count() == 1
    codes = ledgers.nth(1).locator("tbody td.project_id").all_inner_texts()
    assert sorted(codes) == ["C", "F"]
    opened.page.get_by_label("Region").select_option("all")
    assert opened.page.locator("#parks .park").count() == 4
    quiet(opened)


def test_what_is_missing_is_told_by_region_and_cause(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    assert texts(opened, "#missing .verdict") == ["3 projects have no plot: 180 bn KZT."]
    assert texts(opened, "#missing tfoot tr") == [
        "All 3 · 180 bn KZT 1 · 50.0 bn KZT 1 · 60.0 bn KZT 1 · 70.0 bn KZT"
    ]
    assert texts(opened, "#missing .remedies li")[2] == (
        "12 MW more power in North (P1): 1 project waits for it, 50.0 bn KZT."
    )


def test_sectors_tell_what_is_placed_of_what_is_asked(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    assert texts(opened, "#sectors tbody tr") == [
        "chemistry 1.20 trn KZT 1.20 trn KZT 2 / 2 120",
        "food 370 bn KZT 300 bn KZT 2 / 3 30",
        "warehouse 110 bn KZT 0.00 bn KZT 0 / 2 0",
    ]


def test_tables_are_sorted_searched_and_saved(
    open_page: Opening, programme: ProgrammeTables, tmp_path: Path
) -> None:
    invest = programme.projects["invest_bn_kzt"].astype(float)
    bad = programme.projects.assign(
        name=["=1+1", *programme.projects["name"][1:]], invest_bn_kzt=invest
    )
    opened = open_page(replace(programme, projects=bad))
    ledger = opened.page.locator("#tables > div").nth(1)
    codes = ledger.locator("tbody td.project_id")
    assert codes.all_inner_texts() == list("HDCBAGFE")
    ledger.get_by_role("button", name="Jobs").click()
    assert codes.all_inner_texts() == list("EFGABCDH")
    ledger.get_by_role("button", name="Jobs").click()
    assert codes.all_inner_texts() == list("HDCBAGFE")
    assert ledger.locator("th[aria-sort=descending]").inner_text() == "Jobs"
    ledger.get_by_role("searchbox").fill("short of power")
    assert codes.all_inner_texts() == ["E"]
    ledger.get_by_role("searchbox").fill("")
    with opened.page.expect_download() as waiting:
        ledger.get_by_role("button", name="Save as CSV: Projects").click()
    path = tmp_path / "saved.csv"
    waiting.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 9
    assert rows[0][:4] == ["Project", "Code", "Sector", "Investment, bn KZT"]
    assert ["'=1+1", "A", "food", "100"] in [row[:4] for row in rows]
    quiet(opened)


SEEN = """(() => {
  const seen = [];
  const foreign = (node) => node.closest('bdi, option[lang], script, style, [lang=en]:not(html)');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const text = node.data.trim();
    if (text && !foreign(node.parentElement)) seen.push(text);
  }
  document.querySelectorAll('[aria-label], [title], [placeholder]').forEach((node) => {
    if (foreign(node)) return;
    ['aria-label', 'title', 'placeholder'].forEach((name) => {
      if (node.getAttribute(name)) seen.push(node.getAttribute(name));
    });
  });
  return seen;
})()"""
NAMES = re.compile(r"(North|East|South|Empty)( Park)?|P\d|KZT|USD|CSV|Sample Programme")


@pytest.mark.parametrize("language", OTHERS)
def test_a_change_of_language_leaves_no_english(
    open_page: Opening, programme: ProgrammeTables, language: str
) -> None:
    opened = open_page(programme)
    page = opened.page
    page.get_by_label("Language").select_option(language)
    assert page.locator("html").get_attribute("lang") == language
    sights = page.evaluate(SEEN)
    page.locator("#parks .park[tabindex='0']").focus()
    sights += page.evaluate(SEEN)
    assert len(sights) > 200
    left = {text for text in sights if re.search("[A-Za-z]{2,}", NAMES.sub("", text))}
    assert left == set()
    known = page_words()
    english = set(known["en"]) - {text for text in known[language] if isinstance(text, str)}
    told = set(texts(opened, "th, dt, dd, h2, h3, .label, td:not(.reason)"))
    assert told & english == set()
    quiet(opened)


def test_the_page_opens_in_the_language_that_it_was_made_in(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme, language="ru")
    assert opened.page.locator("html").get_attribute("lang") == "ru"
    assert texts(opened, "#summary h2") == ["Коротко"]
    assert "Землю в 4 парках получают 4 из 7 проектов" in texts(opened, ".lead")[0]
    assert texts(opened, "#sectors tbody th")[1] == "пищевая промышленность"


def test_a_reader_without_a_mouse_or_colours_finds_figures_as_text(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    labels = opened.page.locator("#parks .park").evaluate_all(
        "marks => marks.map((mark) => mark.getAttribute('aria-label'))"
    )
    assert labels[0] == "South Park, 800\u00a0bn KZT, 1 project, 25 % taken"


def test_the_printed_page_is_not_blank_and_shows_all_sections(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    for paper in ("A4", "A3"):
        document = opened.page.pdf(format=paper)
        pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", document))
        assert 1 <= pages <= 4
        assert len(document) > 20_000
    opened.page.emulate_media(media="print")
    assert opened.page.locator("nav").is_hidden()
    assert opened.page.locator("#tables .controls").first.is_hidden()
    for section in ("summary", "years", "parks", "sectors", "missing", "tables"):
        assert opened.page.locator(f"#{section} h2").is_visible()
    assert opened.page.locator("#parks svg").is_visible()
    quiet(opened)


def test_drawings_are_made_anew_for_paper_and_again_for_the_screen(
    open_page: Opening, programme: ProgrammeTables
) -> None:
    opened = open_page(programme)
    widths = """[...document.querySelectorAll('.fitted svg')]
        .map((drawing) => drawing.viewBox.baseVal.width)"""
    before = opened.page.evaluate(widths)
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.page.evaluate(widths) == [420, 480]
    assert opened.page.locator("#parks .park-name").count() == 4
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.page.evaluate(widths) == before
    assert min(before) > 480


@pytest.mark.parametrize("width", [1400, 900, 390])
def test_nothing_is_wider_than_the_window(
    open_page: Opening, programme: ProgrammeTables, width: int
) -> None:
    opened = open_page(programme, width=width, height=800)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.set_viewport_size({"width": 390, "height": 800})
    opened.page.wait_for_function("document.querySelector('#parks svg').clientWidth <= 390")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_same_tables_give_the_same_page(programme: ProgrammeTables) -> None:
    first = programme_html(programme, planned=["P1"])
    assert programme_html(programme, planned=["P1"]) == first
    assert programme_html(programme) != first


def test_a_programme_of_thirty_parks_is_small_and_opens_at_once(open_page: Opening) -> None:
    drawn = many(30, 700)
    assert len(programme_html(drawn).encode("utf-8")) < LARGEST_BYTES
    opened = open_page(drawn)
    assert opened.page.evaluate("performance.now()") < 5_000  # a second where nothing else runs
    assert opened.page.locator("#parks .park").count() == 30


def test_ten_thousand_projects_are_searched_without_waiting(open_page: Opening) -> None:
    drawn = many(300, 10_000)
    assert len(programme_html(drawn).encode("utf-8")) < LARGEST_BYTES
    opened = open_page(drawn)
    assert opened.page.locator("#parks .park").count() == 300
    ledger = opened.page.locator("#tables > div").nth(1)
    assert ledger.locator("tbody tr").count() == 40
    ledger.get_by_role("searchbox").fill("KZP-09999")
    assert ledger.locator("tbody td.project_id").all_inner_texts() == ["KZP-09999"]
    quiet(opened)
