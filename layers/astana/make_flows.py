"""Make layers/astana/consolidated/flows.csv: what the two parks' generated applicants send.

Run from the folder of the repository: python layers/astana/make_flows.py. The same seed makes the
same bytes. Tonnes for each hectare are those of the norm profile, give or take; each applicant
deals with one or two of those who store its sector's goods, and mostly with one road gate. All of
it is generated: no applicant has stated any of it.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd

from geoplan.config import FlowNorm, load_norms

HERE = Path(__file__).parent
SITES = ("park2", "logistics")
SEED = 2029
SPREAD = 0.5
"""Sigma of the lognormal factor between applicants of one sector."""
STORES_EACH = (1, 2)
MAIN_GATE_SHARE = 0.7
SUPPLIERS = {
    "machine_building": ("metal_products", 0.4),
    "electronics_electrical": ("metal_products", 0.2),
    "food": ("chemicals_plastics", 0.05),
    "wood_furniture": ("metal_products", 0.1),
}
"""Sector: whose goods it takes, and the share of what comes in that these are."""
STEP_T = 10
COLUMNS = ("from_id", "to_id", "commodity", "t_year", "from_year", "to_year")


def portfolio() -> pd.DataFrame:
    """Read both sites' applicants."""
    files = [HERE / site / "projects.csv" for site in SITES]
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def gates() -> dict[str, list[str]]:
    """Read both sites' gates, by kind."""
    found: dict[str, list[str]] = {"road": [], "rail": []}
    for site in SITES:
        layer = json.loads((HERE / site / "gates.geojson").read_text("utf-8"))
        for record in layer["features"]:
            known = record["properties"]
            found["rail" if known["kind"] == "rail" else "road"].append(str(known["gate_id"]))
    return found


class Flows:
    """Gathers flows; both ends start, at the latest, in the later one's year."""

    def __init__(self, projects: pd.DataFrame) -> None:
        self.start = dict(zip(projects["project_id"], projects["start_year"], strict=True))
        self.rows: list[tuple[str, str, str, int, int, str]] = []

    def add(self, sender: str, receiver: str, commodity: str, tonnes: float) -> None:
        """Add a flow, rounded; nothing where it rounds to nothing."""
        whole = round(tonnes / STEP_T) * STEP_T
        year = max(int(self.start.get(end, 0)) for end in (sender, receiver))
        if whole:
            self.rows.append((sender, receiver, commodity, whole, year, ""))


def drawn(projects: pd.DataFrame, norms: dict[str, FlowNorm], seed: int) -> Flows:
    """Draw what every applicant sends and gets."""
    rng, flows, doors = np.random.default_rng(seed), Flows(projects), gates()
    for project in projects.itertuples(index=False):
        norm = norms.get(str(project.sector))
        if norm is None:
            continue
        factor = float(rng.lognormal(0.0, SPREAD)) * float(project.area_ha)
        out_t, in_t = factor * norm.out_t_ha, factor * norm.in_t_ha
        name, goods = str(project.project_id), norm.commodity
        taken, share = SUPPLIERS.get(str(project.sector), ("", 0.0))
        for supplier in _some(rng, projects[projects["sector"] == taken], 1):
            flows.add(supplier, name, norms[taken].commodity, share * in_t)
            in_t *= 1.0 - share
        takers = [sector for sector, each in norms.items() if project.sector in each.stores]
        stores = _some(rng, projects[projects["sector"].isin(takers)], int(rng.choice(STORES_EACH)))
        by_store = norm.warehouse_share if stores else 0.0
        for store in stores:
            flows.add(name, store, goods, by_store * out_t / len(stores))
            flows.add(store, name, f"for {goods}", by_store * in_t / len(stores))
        rail = str(rng.choice(doors["rail"]))
        flows.add(name, rail, goods, norm.rail_share * out_t)
        flows.add(rail, name, f"for {goods}", norm.rail_share * in_t)
        by_road = 1.0 - by_store - norm.rail_share
        main, other = (str(gate) for gate in rng.permutation(doors["road"])[:2])
        for gate, part in ((main, MAIN_GATE_SHARE), (other, 1.0 - MAIN_GATE_SHARE)):
            flows.add(name, gate, goods, part * by_road * out_t)
            flows.add(gate, name, f"for {goods}", part * by_road * in_t)
    return flows


def _some(rng: np.random.Generator, projects: pd.DataFrame, count: int) -> list[str]:
    """Draw some of the projects, larger ones more often."""
    if projects.empty:
        return []
    area = projects["area_ha"].to_numpy(dtype=float)
    names = projects["project_id"].to_numpy(dtype=str)
    return [
        str(name) for name in rng.choice(names, min(count, len(names)), False, area / area.sum())
    ]


def main() -> None:
    """Write the table."""
    norms = load_norms("kz-industrial", HERE).flows
    flows = drawn(portfolio(), norms, SEED)
    folder = HERE / "consolidated"
    folder.mkdir(exist_ok=True)
    with (folder / "flows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(flows.rows)


if __name__ == "__main__":
    main()
