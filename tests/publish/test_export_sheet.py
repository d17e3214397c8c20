"""The printed sheet, measured in the PDF itself."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

import matplotlib as mpl
import pytest
from shapely import box
from shapely.affinity import translate

from geoplan.errors import GeoplanError
from geoplan.publish.exports.sheet import write_sheet
from geoplan.publish.exports.sheet.paper import PAPERS, largest_round_scale
from geoplan.publish.exports.sheet.type import fitted, shown, width_mm, wrapped

from .sample import ORIGIN, sample_plan

MM_PER_POINT = 25.4 / 72


def printed(plan, path, **options):
    """Write the sheet and return its page size in mm, its drawing and all its other streams."""
    write_sheet(plan, path, **options)
    content = path.read_bytes()
    size = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    streams = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            # What ends in a line end itself has lost it to the pattern, and no more than its sum.
            streams.append(zlib.decompressobj().decompress(part).decode("latin-1"))
        except zlib.error:
            streams.append("")
    page = max(streams, key=lambda text: len(re.findall(r"^\S+ \S+ [ml]$", text, re.MULTILINE)))
    return [float(value) * MM_PER_POINT for value in size.groups()], page, streams


def boxes_mm(page):
    """Return left, bottom, width and height of each closed path of the drawing, in mm."""
    found = []
    for path in re.findall(r"(?:^\S+ \S+ [ml]\n)+h", page, re.MULTILINE):
        spots = [
            [float(value) * MM_PER_POINT for value in line.split()[:2]]
            for line in path.splitlines()[:-1]
        ]
        east, north = zip(*spots, strict=True)
        found.append((min(east), min(north), max(east) - min(east), max(north) - min(north)))
    return found


@pytest.mark.parametrize(
    ("paper", "scale"), [("A3", None), ("A3", 10_000), ("A1", None), ("A4", 7_321)]
)
def test_lengths_on_paper_are_true_to_the_scale(tmp_path, paper, scale):
    plan = sample_plan()
    size, page, _ = printed(plan, tmp_path / "a.pdf", paper=paper, scale=scale)
    assert size == pytest.approx(PAPERS[paper], abs=0.01)
    scale = scale or largest_round_scale(plan, paper)
    wide, high = 200_000 / scale, 90_000 / scale
    plots = [b for b in boxes_mm(page) if b[2:] == pytest.approx((wide, high), abs=0.002)]
    # Six plots; services and reserve have a plot's size.
    assert len(plots) == 8
    left = min(b[0] for b in plots)
    assert sorted({round((b[0] - left) * scale / 1000, 1) for b in plots}) == [0, 200, 500, 700]


def test_the_bar_is_as_long_as_it_says(tmp_path):
    _, page, _ = printed(sample_plan(), tmp_path / "a.pdf", scale=10_000)
    parts = [b for b in boxes_mm(page) if b[2] == pytest.approx(10.0, abs=0.002) and b[3] < 3]
    assert len(parts) == 4  # 100 m each


@pytest.mark.parametrize(("paper", "scale"), [("A4", 10_000), ("A3", 5_000), ("A1", 2_000)])
def test_the_largest_round_scale_that_fits_is_taken(paper, scale):
    assert largest_round_scale(sample_plan(), paper) == scale


@pytest.mark.parametrize("scale", [2_500, 1, 0, -5])
def test_a_scale_at_which_the_park_does_not_fit_is_refused_with_one_that_does(tmp_path, scale):
    with pytest.raises(GeoplanError, match="Take 1:5000"):
        write_sheet(sample_plan(), tmp_path / "a.pdf", scale=scale)
    assert not (tmp_path / "a.pdf").exists()


def test_unknown_paper_and_a_plan_without_land_are_refused(tmp_path):
    with pytest.raises(GeoplanError, match="'B5' is not known"):
        write_sheet(sample_plan(), tmp_path / "a.pdf", paper="B5")
    plan = sample_plan()
    with pytest.raises(GeoplanError, match="nothing to print"):
        write_sheet(replace(plan, zones=plan.zones.iloc[:0]), tmp_path / "a.pdf")


def test_fonts_are_embedded_with_kazakh_letters_and_no_date_is_told(tmp_path):
    _, _, streams = printed(replace(sample_plan(), name="Құрылыс әңғүұқөһі"), tmp_path / "a.pdf")
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.count(b"/FontFile2") >= 1
    assert b"/CreationDate" not in content
    maps = "".join(text for text in streams if "beginbfchar" in text or "beginbfrange" in text)
    for letter in "Құәңғ":
        assert f"<{ord(letter):04x}>" in maps.lower()


def test_the_users_style_neither_shows_nor_changes(tmp_path):
    write_sheet(sample_plan(), tmp_path / "a.pdf")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "text.usetex": True}):
        write_sheet(sample_plan(), tmp_path / "b.pdf")
        assert mpl.rcParams["font.size"] == 30
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_plots_too_small_for_words_are_counted(tmp_path):
    plan = sample_plan()
    tiny = translate(box(0, 0, 20, 10), *ORIGIN)
    shapes = [tiny, *plan.plots.geometry[1:]]
    told = replace(plan, plots=plan.plots.set_geometry(shapes, crs=plan.plots.crs))
    sheets = [printed(each, tmp_path / "a.pdf")[1] for each in (plan, told)]
    # One plot loses two lines; the panel gains one that says so.
    lines = [sheet.count("BT\n") for sheet in sheets]
    assert lines[1] - lines[0] == -1


def test_letters_that_the_font_lacks_or_nobody_sees_do_not_stop_the_sheet(tmp_path):
    texts = [
        "שלום",
        "عربي",
        "e\u0301 ffi",
        "\u2066x\u200f\u061c",
        "漢字 🏭",
        "$x^2$ \\alpha",
        "\t\r\n",
    ]
    for text in texts:
        write_sheet(replace(sample_plan(), name=text, notice=text), tmp_path / "a.pdf")
        written = (tmp_path / "a.pdf").read_bytes()
        assert written.startswith(b"%PDF-")
        assert written.rstrip().endswith(b"%%EOF")
        assert len(re.findall(rb"/Type /Page\b", written)) == 1


def test_lines_fit_their_room():
    text = "Astana " * 30 + "W" * 200
    lines = wrapped(text, 40, 8, most=9)
    assert len(lines) == 9
    assert lines[-1].endswith("…")
    assert all(width_mm(line, 8) <= 40 for line in lines)
    assert fitted("short", 40, 8) == "short"
    assert width_mm("WW", 10) == pytest.approx(2 * width_mm("W", 10))
    assert shown("a\n b\u200f") == "a b"
