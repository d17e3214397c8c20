"""Letters on the sheet: one font that has Cyrillic and Kazakh, and how wide its words are."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category

import matplotlib as mpl
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

from geoplan.publish.cells import writable
from geoplan.publish.exports.sheet.paper import MM_PER_INCH

MM_PER_POINT = MM_PER_INCH / 72
CAP_SHARE = 0.729
"""Height of a capital letter of DejaVu Sans, of the size of the type."""
_FALLBACK = "\ufffd"


def font(*, bold: bool = False) -> FontProperties:
    """Return DejaVu Sans as matplotlib ships it, whatever the machine has."""
    return FontProperties(fname=_file(bold))


def shown(text: str) -> str:
    """Return text on one line, with U+FFFD for what the font lacks.

    >>> shown("Құрылыс ✈ 漢")
    'Құрылыс ✈ \ufffd'
    """
    known = _face(False).get_charmap()
    # Signs that are not seen (of writing direction, joiners) have no letter for the PDF to name.
    seen = "".join(letter for letter in writable(text) if category(letter) != "Cf")
    flat = " ".join(seen.split())
    return "".join(letter if ord(letter) in known else _FALLBACK for letter in flat)


def width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return how wide a line is."""
    return sum(_advance(letter, bold) for letter in text) * size_pt * MM_PER_POINT


def wrapped(
    text: str, room_mm: float, size_pt: float, *, most: int, bold: bool = False
) -> list[str]:
    """Break text into lines; what is beyond `most` of them ends in an ellipsis."""
    lines = [""]
    for word in shown(text).split():
        for piece in _pieces(word, room_mm, size_pt, bold):
            longer = f"{lines[-1]} {piece}".strip()
            if width_mm(longer, size_pt, bold=bold) <= room_mm:
                lines[-1] = longer
            else:
                lines.append(piece)
    if len(lines) > most:
        lines = [*lines[: most - 1], fitted(f"{lines[most - 1]} …", room_mm, size_pt, bold=bold)]
    return lines


def fitted(text: str, room_mm: float, size_pt: float, *, bold: bool = False) -> str:
    """Return one line that fits, shortened with an ellipsis if need be."""
    line = shown(text)
    if width_mm(line, size_pt, bold=bold) <= room_mm:
        return line
    line = line.removesuffix("…").rstrip()
    while line and width_mm(f"{line}…", size_pt, bold=bold) > room_mm:
        line = line[:-1]
    return f"{line}…"


def put(page: Any, x_mm: float, y_mm: float, text: str, size_pt: float, **look: Any) -> None:
    """Write one line on axes; dollars and the like are letters, no formulas."""
    bold = look.pop("bold", False)
    page.text(
        x_mm, y_mm, shown(text), fontproperties=font(bold=bold), fontsize=size_pt,
        parse_math=False, **look,
    )  # fmt: skip


def _pieces(word: str, room_mm: float, size_pt: float, bold: bool) -> list[str]:
    """Break a word that no line holds."""
    pieces = [""]
    for letter in word:
        if width_mm(pieces[-1] + letter, size_pt, bold=bold) > room_mm and pieces[-1]:
            pieces.append("")
        pieces[-1] += letter
    return pieces


@cache
def _advance(letter: str, bold: bool) -> float:
    face = _face(bold)
    glyph = face.load_char(ord(letter), flags=LoadFlags.NO_SCALE)
    return float(glyph.horiAdvance) / face.units_per_EM


@cache
def _face(bold: bool) -> FT2Font:
    return FT2Font(_file(bold))


def _file(bold: bool) -> str:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name)
