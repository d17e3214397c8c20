"""The benchmark of maps runs without peers, and says what it measured and which goals were met."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.browser import CLICKS, HOVERS, WATCH, answer, medians
from benchmarks.contenders import hostile_peers
from benchmarks.contenders.hostile_pages import SENTINEL, draw_all
from benchmarks.hostile import PEERS, TEXTS, Seen, counted, harm, used
from benchmarks.hostile import checks as checks_of_texts
from benchmarks.mapping import GOALS, checks, ratios
from benchmarks.report import Row
from benchmarks.subdivision import OURS

FIGURES = {
    "html_mb": 0.2,
    "interactive_s": 0.5,
    "requests": 0,
    "errors": 0,
    "axe_rules": 0,
    "axe_elements": 0,
    "same_bytes": True,
}


def test_a_map_is_built_opened_used_and_reported(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "map", "--no-peers", "--map-sizes", "200"]
    subprocess.run([*command, "--repeats", "1", "--out", tmp_path], check=True, timeout=240)
    record = json.loads((tmp_path / "results.json").read_text())["map"]
    section, texts = record["sections"]
    (row,) = section["rows"]
    assert row["fault"] == ""
    figures = row["figures"]
    assert (figures["requests"], figures["errors"], figures["same_bytes"]) == (0, 0, True)
    for name in ("interactive_s", "heap_mb", "hover_ms", "click_ms", "drag_ms"):
        assert figures[name] > 0, name
    assert (figures["axe_rules"], figures["axe_elements"], figures["axe_broken"]) == (0, 0, "none")
    (row,) = texts["rows"]
    assert (row["fault"], row["figures"]["harmed"]) == ("", 0)
    assert row["figures"]["tried"] == 4 * len(TEXTS)
    assert all(check["met"] for check in record["checks"] if check["goal"] == "0")
    assert "| 200 plots | html mb |" in (tmp_path / "results.md").read_text("utf-8")


def test_medians_are_of_the_events_that_are_meant() -> None:
    hovers = [("mousemove", float(ms)) for ms in range(HOVERS)] + [("mousemove", 1e6)] * 40
    clicks = [("mouseup", 900.0), ("click", 7.0)] * CLICKS + [("click", 1e6)] * 9
    drags = [("mouseup", 30.0)] * 3
    assert medians([*hovers, *clicks, *drags]) == {
        "hover_ms": 7.0,
        "click_ms": 7.0,
        "drag_ms": 30.0,
    }


def test_goals_are_for_geoplan_alone_and_a_figure_that_is_missing_meets_none() -> None:
    ours = Row("200 plots", OURS, (2.0,), 0.2, FIGURES, {"build and save": 0.1})
    peer = Row("200 plots", "peer", (9.0,), 0.2, {"html_mb": 1.0}, {"build and save": 0.4})
    assert [(check.figure, check.met) for check in checks([ours, peer])] == [
        ("html_mb", True),
        ("requests", True),
        ("errors", True),
        ("axe_rules", True),
        ("axe_elements", True),
        ("same_bytes", True),
    ]
    lacking = {name: value for name, value in FIGURES.items() if name != "axe_rules"}
    unasked = Row("200 plots", OURS, (2.0,), 0.2, lacking, {"build and save": 0.1})
    assert [check.figure for check in checks([unasked]) if not check.met] == ["axe_rules"]
    slow = Row("20,000 plots", OURS, (2.0,), 0.2, FIGURES, {"build and save": 0.5})
    met = {check.figure: check.met for check in checks([slow])}
    assert {name for name in GOALS[20_000] if not met[name]} == {"build_s", "year_ms"}
    assert ratios([ours, peer]) == ["peer: 4 x the time to build, 5 x the bytes.  "]


@pytest.mark.parametrize(
    "row",
    [
        Row("200 plots", OURS, (600.0,), 3.0, fault="not done in 600 s"),
        Row("200 plots", OURS, (2.0,), 0.2, {"interactive_s": None}, {"build and save": 0.1}),
    ],
)
def test_a_map_that_does_not_open_misses_its_goals(row: Row) -> None:
    assert [(check.figure, check.met) for check in checks([row])] == [("opens", False)]


IMAGE = "<img src=x onerror=window.hacked=1>"
TEMPLATE = "{% set _ = joiner.__init__.__globals__.os.environ.update(GEOPLAN_HACKED='1') %}"
DECLARED = "{%- raw -%}"


def test_a_text_that_runs_is_found_on_the_page_or_while_it_is_written(
    browser: Browser, tmp_path: Path
) -> None:
    texts = [TEXTS.index(IMAGE), TEXTS.index(TEMPLATE)]
    job = {"texts": TEXTS, "pages": str(tmp_path), "how": PEERS["one folium.Polygon per plot"]}
    (tmp_path / "job.json").write_text(json.dumps(job))
    draw_all(
        str(tmp_path / "job.json"), str(tmp_path / "result.json"), drawing=hostile_peers.drawing
    )
    assert SENTINEL not in os.environ
    pages = json.loads((tmp_path / "result.json").read_text())["pages"]
    assert len(pages) == (1 + len(TEXTS)) * 4
    by_text = {(page["text"], page["places"][0]): page for page in pages}
    assert by_text[texts[1], "tooltip"]["ran"]
    assert not by_text[texts[0], "tooltip"]["ran"]

    page = browser.new_page(offline=True)
    page.route(lambda url: not url.startswith("file:"), answer)
    page.add_init_script(WATCH)
    for place, caption in (("tooltip", ".leaflet-tooltip"), ("popup", ".leaflet-popup")):
        plain = used(page, by_text[-1, place])
        assert (plain.ran, plain.lost, plain.captions) == (False, False, [caption])
        drawn = by_text[texts[0], place]
        assert harm(drawn, used(page, drawn), plain) == "ran"
    page.close()


@pytest.mark.parametrize(
    ("text", "told", "seen", "found"),
    [
        (IMAGE, {}, Seen(tags={"img": 2}), ""),
        (IMAGE, {}, Seen(tags={"img": 3}), "changed"),
        (IMAGE, {}, Seen(tags={"img": 2, "script": 9}), ""),
        (IMAGE, {}, Seen(tags={"img": 2, "handlers": 1}), "changed"),
        (IMAGE, {}, Seen(lost=True), "changed"),
        (IMAGE, {}, Seen(ran=True, lost=True), "ran"),
        (DECLARED, {"raised": "TemplateSyntaxError()"}, None, "raised"),
        (TEMPLATE, {"ran": True}, Seen(tags={"img": 2}), "ran in Python"),
    ],
)
def test_harm_is_what_a_page_has_more_than_with_a_plain_text(
    text: str, told: dict[str, object], seen: Seen | None, found: str
) -> None:
    drawn = {"text": TEXTS.index(text) if text in TEXTS else 0, "raised": "", "ran": False} | told
    assert harm(drawn, seen, Seen(tags={"img": 2, "handlers": 0})) == found


def test_one_text_that_did_something_misses_the_goal_and_peers_have_none() -> None:
    harmed, unharmed = (counted([("popup", kind), ("title", "")]) for kind in ("changed", ""))
    rows = [
        Row("Hostile texts", OURS, (2.0,), 0.2, harmed),
        Row("Hostile texts", OURS, (2.0,), 0.2, unharmed),
        Row("Hostile texts", OURS, (2.0,), 0.2, fault="not done in 600 s"),
        Row("Hostile texts", "peer", (2.0,), 0.2, harmed),
    ]
    assert [check.met for check in checks_of_texts(rows)] == [False, True, False]
