"""geoplan drawing a map as a process of its own: a plan in, one HTML file out."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

from geoplan.publish.map import map_html, plan_map
from tests.publish.map.sample import sample_plan


def main(job_file: str, result_file: str) -> None:
    """Run one job; making the plan is not timed."""
    job = json.loads(Path(job_file).read_text())
    plan = sample_plan(job["plots"])
    begun, begun_cpu = time.perf_counter(), time.process_time()
    plan_map(plan).save(job["page"])
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
    result = {
        "plots": len(plan.plots),
        "build_cpu_s": cpu_s,
        "seconds": {"build and save": seconds},
    }
    if job["twice"]:
        digests = {hashlib.sha256(map_html(plan).encode()).hexdigest() for _ in range(2)}
        result["same_bytes"] = len(digests) == 1
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
