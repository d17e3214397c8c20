"""Colours of plots: calm, light enough for dark text, apart for colour-blind readers too.

Kinds without an order have hues of their own. Where the order matters colours run from pale to
deep, so that it can be read without hue. The steps were searched for: every two of one legend
lie at least ten CIELAB units apart for readers with and without red and green cones.
"""

from __future__ import annotations

from geoplan.publish.map.words import N_

SECTOR_COLOURS = (
    "#77aadd",
    "#ee8866",
    "#eedd88",
    "#44bb99",
    "#ffaabb",
    "#bbcc33",
    "#99ddff",
    "#b666a6",
    "#b6eeae",
    "#468e7e",
    "#767ece",
    "#be9ebe",
)
"""The first seven are Paul Tol's "light" scheme (SRON technical note on colour schemes), made
for areas with labels; the others were searched for. Whoever still mistakes two of them presses
a legend's entry, which sets its plots off, or has patterns laid over."""

OTHER_COLOUR = "#b9b9b9"
UNKNOWN_COLOUR = "#d5d0c6"
FREE_COLOUR = "#fdfcf8"
TAKEN_COLOUR = "#b6bcc4"

# From light to dark as land goes from free to gone.
MARKET_COLOURS = {
    N_("for sale"): "#f7f0d4",
    N_("optioned"): "#f2c879",
    N_("reserved"): "#9cc3dc",
    N_("sold"): "#4f82ad",
    N_("not marketable"): "#aaa59c",
}

PALE_TO_BLUE = ("#fef0a3", "#dde3b4", "#95b683", "#79a69e", "#7095ad", "#2184c0")

PHASE_COLOURS = dict(
    zip(
        (
            N_("application"),
            N_("review"),
            N_("reservation"),
            N_("contract"),
            N_("construction"),
            N_("operation"),
        ),
        PALE_TO_BLUE,
        strict=True,
    )
)
HAZARD_COLOURS = {
    "I": "#d84d4d",
    "II": "#e8937a",
    "III": "#f8a85e",
    "IV": "#facf98",
    "V": "#ffeccb",
}
USE_COLOURS = {
    N_("production"): "#efd48e",
    N_("logistics"): "#7fa8d6",
    N_("services"): "#e19ec2",
    N_("utilities"): "#9a8f7a",
    N_("green"): "#8cc59a",
    N_("reserve"): "#f1f0ee",
}
FIT_COLOURS = {
    N_("as asked for (within 0.02 %)"): "#7fa8d6",
    N_("within 5 %"): "#ffe6b3",
    N_("5 to 15 % off"): "#f5a567",
    N_("over 15 % off"): "#d84d4d",
}
SERVICING_COLOURS = {
    N_("raw"): PALE_TO_BLUE[0],
    N_("planned"): PALE_TO_BLUE[2],
    N_("serviced"): PALE_TO_BLUE[5],
}
