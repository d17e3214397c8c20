"""Draw docs/pictures/architecture.svg: the stages, and what passes between them.

Run ``python docs/make_architecture.py`` after changing either.
"""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

HERE = Path(__file__).parent
INK, LINE, FILL = "#2b2b2b", "#6f675b", "#f4efe6"

# Package: column, row, what it does.
STAGES = {
    "config": (0, 1, "scenario"),
    "site": (1, 1, "what is given"),
    "subdivide": (2, 2, "land to strips,\nareas to plots"),
    "allocate": (2, 0, "projects to units,\nbounds, reasons"),
    "stages": (3, 1, "strips to units,\nanswers to areas"),
    "plan": (4, 1, "frames of a plan"),
    "audit": (5, 2, "what must hold"),
    "publish": (5, 0, "files to open"),
    "pipeline": (6, 1, "in order, signed"),
    "nation": (6, 2, "many parks"),
    "intake": (6, 0, "next portfolio"),
    "cli": (7, 1, "commands"),
}
# From, to, what passes.
FLOWS = (
    ("config", "site", "paths"),
    ("site", "subdivide", "zones"),
    ("site", "allocate", "portfolio"),
    ("subdivide", "stages", "strips"),
    ("allocate", "stages", "areas"),
    ("stages", "plan", "layers"),
    ("plan", "audit", ""),
    ("plan", "publish", ""),
    ("audit", "pipeline", "findings"),
    ("publish", "pipeline", "pages"),
    ("pipeline", "cli", "Plan"),
    ("nation", "cli", ""),
    ("intake", "cli", ""),
)
STEP, WIDE, HIGH = (1.95, 0.9), 1.22, 0.62


def drawn() -> str:
    """Return the picture as SVG, the same bytes each time."""
    with mpl.rc_context({"svg.hashsalt": "architecture", "svg.fonttype": "none"}):
        figure = Figure(figsize=(12.4, 2.4))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(-0.75, 7 * STEP[0] + 0.75)
        axes.set_ylim(-0.55, 2 * STEP[1] + 0.55)
        for name, (column, row, does) in STAGES.items():
            x, y = column * STEP[0], row * STEP[1]
            corner = (x - WIDE / 2, y - HIGH / 2)
            axes.add_patch(
                FancyBboxPatch(
                    corner, WIDE, HIGH, "round,pad=0,rounding_size=0.06", fc=FILL, ec=LINE
                )
            )
            axes.text(x, y + 0.17, name, ha="center", va="center", color=INK, weight="bold", size=9)
            axes.text(x, y - 0.1, does, ha="center", va="center", color=INK, size=7.5)
        for one, other, what in FLOWS:
            _arrow(axes, one, other, what)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def _arrow(axes, one: str, other: str, what: str) -> None:
    (left, low, _), (right, high, _) = STAGES[one], STAGES[other]
    start = (left * STEP[0] + WIDE / 2, low * STEP[1])
    end = (right * STEP[0] - WIDE / 2, high * STEP[1])
    style = {"arrowstyle": "-|>", "color": LINE, "shrinkA": 1, "shrinkB": 1}
    axes.annotate("", end, start, arrowprops=style)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + (0.11 if low == high else 0))
    paper = {"fc": "white", "ec": "none", "pad": 0.6}
    axes.text(*middle, what, ha="center", va="center", color=INK, size=7.5, bbox=paper)


if __name__ == "__main__":
    (HERE / "pictures" / "architecture.svg").write_text(drawn(), encoding="utf-8")
