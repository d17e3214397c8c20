"""``sheet.pdf``: the plan on one sheet of paper, at a true scale."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from geoplan.publish.exports.sheet.drawing import draw_map
from geoplan.publish.exports.sheet.panel import draw_panel
from geoplan.publish.exports.sheet.paper import MM_PER_INCH, laid_out, sheet_problem
from geoplan.publish.exports.sheet.type import shown

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

__all__ = ["SHEET_NAME", "sheet_problem", "write_sheet"]

SHEET_NAME = "sheet.pdf"


def write_sheet(
    plan: PlanLayers, path: Path, *, paper: str = "A3", scale: int | None = None
) -> None:
    """Print the plan as one PDF page: map at a true scale, legend, balance, notice, CRS.

    Fonts are embedded, and the page bears no date: the same plan gives the same bytes.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
    paper : str
        A key of :data:`~geoplan.publish.exports.sheet.paper.PAPERS`; landscape.
    scale : int, optional
        Metres on the ground for a metre on paper; by default the largest round scale at which
        all zones fit.

    Raises
    ------
    GeoplanError
        If the zones do not fit on the paper at that scale.
    """
    layout = laid_out(plan, paper=paper, scale=scale)
    with _own_style():
        figure = Figure(figsize=(layout.width_mm / MM_PER_INCH, layout.height_mm / MM_PER_INCH))
        untold = draw_map(plan, figure, layout)
        draw_panel(plan, figure, layout, untold=untold)
        FigureCanvasPdf(figure)
        page = io.BytesIO()
        figure.savefig(
            page, format="pdf", metadata={"Title": shown(plan.name), "CreationDate": None}
        )
    # Matplotlib hides what the disk says behind an error of its own.
    path.write_bytes(page.getvalue())


@contextmanager
def _own_style() -> Iterator[None]:
    """Draw as matplotlib does by itself, whatever style the user has chosen."""
    with mpl.rc_context():
        mpl.rcdefaults()
        # Whole outlines of letters, so that text can be searched and copied; no thinned lines.
        mpl.rcParams.update({"pdf.fonttype": 42, "path.simplify": False, "hatch.linewidth": 0.3})
        yield
