"""Of the bundled park's applicants investors are told nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import geoplan

from ..publish.map.unpacked import tables_of, texts_of, unpacked
from .planned import Planned


def test_no_applicant_is_in_the_investors_file(planned: Planned, tmp_path: Path) -> None:
    plan = geoplan.load(planned.folder)
    html = plan.save_map(tmp_path / "map.html", audience="investor").read_text(encoding="utf-8")
    tree, _ = unpacked(html)
    told = set(texts_of(tree)) - {
        text for table in tree["words"].values() for text in texts_of(table)
    }
    secrets = {
        *plan.projects["project_id"],
        *plan.projects["name"],
        *plan.allocation["reason"],
        *plan.findings["message"],
        *plan.findings["remedy"],
        *plan.reasons.select_dtypes("str").to_numpy().ravel(),
        *plan.remedies.select_dtypes("str").to_numpy().ravel(),
    } - {None, "", np.nan}
    assert len(secrets) > 300
    assert not told & secrets
    joined = "\n".join(sorted(told))
    assert [name for name in plan.projects["project_id"] if name in joined or name in html] == []
    columns = {field["column"] for table in tables_of(tree) for field in table}
    assert not columns & {"invest_bn_kzt", "jobs", "priority", "project_id", "asked_ha", "used"}
    assert not columns & {"sector", "status", "reason", "message", "strip_id", "occupation"}
