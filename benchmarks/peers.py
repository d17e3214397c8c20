"""Peers live in virtual environments of their own, so that nothing of theirs reaches geoplan."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measure import ROOT

FOLDER = ROOT / ".venv-peers"

REQUIREMENTS = {
    # BSD-3; the licence of later versions forbids use, so the version is exact.
    "genplanner": ("genplanner==1.0.0",),
    # CP-SAT and SCIP come with it; it and highspy do not live in one process.
    "ortools": ("ortools==9.15.6755",),
    "highs": ("highspy==1.15.1",),
    # explore() needs the last two.
    "maps": (
        "folium==0.20.0",
        "geopandas==1.2.0",
        "mapclassify==2.10.0",
        "matplotlib==3.11.2",
        "pyogrio==0.13.0",
    ),
}


def peer_python(name: str) -> Path:
    """Return the interpreter of a peer; install the peer when it is asked for first.

    Raises
    ------
    subprocess.CalledProcessError
        If it cannot be installed.
    """
    folder = FOLDER / name
    python = folder / "bin" / "python"
    done = folder / "installed.txt"
    wanted = "\n".join(REQUIREMENTS[name])
    if done.exists() and done.read_text() == wanted:
        return python
    print(f"installing {wanted}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS[name]],
        check=True,
    )
    done.write_text(wanted)
    return python
