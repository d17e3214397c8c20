"""Make what a national platform might export of the bundled park a quarter later; all generated.

From the park's own portfolio and a seed: some projects withdraw, some change, new ones apply. The
platform has fields, words and units of its own; ``platform.toml`` maps them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent
PORTFOLIO = FOLDER / "park2" / "projects.csv"
SEED = 20_261_001
NOTICE = "Generated from a seed; no real applicants"
NEW, CHANGED, GONE, WITHDRAWN = 8, 3, 2, 3
EARLY = ("application", "review")
PLACE = "Индустриальный парк №2 (генерация)"
TENGE_PER_BN = 1_000_000_000
M2_PER_HA = 10_000
STATUSES = {
    "application": "Заявка",
    "review": "На рассмотрении",
    "reservation": "Резерв",
    "contract": "Договор",
    "construction": "Строительство",
    "operation": "Эксплуатация",
    "withdrawn": "Отозван",
}
SECTORS = {
    "construction_materials": "Стройматериалы",
    "food": "Пищевая промышленность",
    "machine_building": "Машиностроение",
    "metal_products": "Металлоизделия",
    "chemicals_plastics": "Химия и пластмассы",
    "wood_furniture": "Деревообработка и мебель",
    "light_industry": "Лёгкая промышленность",
    "electronics_electrical": "Электроника и электротехника",
    "pharma_medical": "Фармацевтика и медицина",
    "warehouse": "Склады",
    "cold_store": "Холодильные склады",
    "materials_depot": "Базы материалов",
    "container_terminal": "Контейнерные терминалы",
}


def next_portfolio(projects: pd.DataFrame) -> pd.DataFrame:
    """Let some withdraw, some change and some apply.

    Parameters
    ----------
    projects : DataFrame
        The park's portfolio.

    Returns
    -------
    DataFrame
        The same columns: without two who have gone, with three whose status is ``withdrawn``,
        three who ask for something else, and eight new ones, who are like others.
    """
    rng = np.random.default_rng(SEED)
    # Whoever has a contract stays; of the others the larger half is where plots come free.
    free = projects["status"].isin(("application", "review", "reservation"))
    large = projects.index[free & (projects["area_ha"] > projects["area_ha"].median())]
    chosen = rng.choice(large, size=GONE + WITHDRAWN + CHANGED, replace=False)
    gone, withdrawn, changed = np.split(chosen, [GONE, GONE + WITHDRAWN])
    now = projects.copy()
    now.loc[withdrawn, "status"] = "withdrawn"
    bigger, richer, further = changed
    now.loc[bigger, ["area_ha", "area_min_ha", "area_max_ha"]] *= 1.1
    now.loc[richer, "invest_bn_kzt"] *= 1.25
    now.loc[further, "status"] = "contract"
    like = now.loc[rng.choice(now.index[free], size=NEW, replace=False)].copy()
    like["project_id"] = [f"IP2-{len(projects) + number:03d}" for number in range(1, NEW + 1)]
    like["name"] = [f"Demo Newcomer {number:02d} (generated)" for number in range(1, NEW + 1)]
    like["status"] = rng.choice(EARLY, size=NEW)
    everybody = pd.concat([now.drop(index=gone), like], ignore_index=True)
    return everybody.sample(frac=1, random_state=SEED, ignore_index=True).round(3)


def record(project: dict[str, Any]) -> dict[str, Any]:
    """Write a project as the platform does: nested, in square metres, tenge and Russian."""
    return {
        "id": project["project_id"],
        "title": project["name"],
        "state": {"name": STATUSES[project["status"]]},
        "industry": SECTORS[project["sector"]],
        "zone_use": project["use"],
        "land": {
            "area": round(project["area_ha"] * M2_PER_HA),
            "area_from": round(project["area_min_ha"] * M2_PER_HA),
            "area_to": round(project["area_max_ha"] * M2_PER_HA),
            "rail": "да" if project["rail"] else "нет",
            "hazard": project["hazard_class"],
        },
        "investment": {"total": round(project["invest_bn_kzt"] * TENGE_PER_BN)},
        "workplaces": project["jobs"],
        "utilities": {
            "electricity_kw": round(project["power_mw"] * 1000),
            "water": project["water_m3d"],
            "sewage": project["wastewater_m3d"],
            "gas": project["gas_m3h"],
        },
        "construction_start": project["start_year"],
        "place": PLACE,
    }


def main(folder: Path = FOLDER) -> None:
    """Write ``platform_export.json`` into `folder`, one record a line."""
    projects = next_portfolio(pd.read_csv(PORTFOLIO))
    lines = ",\n".join(
        json.dumps(record({str(key): cell for key, cell in row.items()}), ensure_ascii=False)
        for row in projects.to_dict("records")
    )
    head = f'{{"notice": {json.dumps(NOTICE)}, "data": {{"total": {len(projects)}, "projects": [\n'
    text = f"{head}{lines}\n]}}}}\n"
    (folder / "platform_export.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
