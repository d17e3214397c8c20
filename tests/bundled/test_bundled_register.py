"""The platform's next export, planned again: contracts stay, land that came free is given."""

from __future__ import annotations

import geoplan
from geoplan.site.schema import PROJECT_STATUSES

from .planned import SCENARIO, Planned

UNDER_CONTRACT = PROJECT_STATUSES[
    PROJECT_STATUSES.index("contract") : PROJECT_STATUSES.index("withdrawn")
]


def test_after_the_next_export_contracts_stay_and_newcomers_get_freed_land(planned: Planned):
    before = geoplan.load(planned.folder)
    after = geoplan.run(SCENARIO.parent / "park2_next.toml", previous=planned.folder)
    stood = before.allocation.set_index("project_id")["plot_ids"]
    stands = after.allocation.set_index("project_id")
    earlier = before.projects.set_index("project_id")["status"]
    bound = earlier.index[earlier.isin(UNDER_CONTRACT)]
    assert len(bound) == 34
    assert stands.loc[bound, "plot_ids"].equals(stood[bound])
    status = after.projects.set_index("project_id")["status"]
    withdrawn = status.index[status == "withdrawn"]
    assert len(withdrawn) == 5
    assert set(stands.loc[withdrawn, "status"]) == {"unplaced"}
    newcomers = stands[~stands.index.isin(stood.index)]
    assert len(newcomers) == 8
    assert (newcomers["status"] == "placed").sum() >= 5
    log = after.changes.set_index(["subject", "id"])
    assert all("withdrawn" in log.loc[("project", name), "why"] for name in withdrawn)
