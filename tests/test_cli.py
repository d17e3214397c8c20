"""The command as its user runs it: help, results, progress, exit codes, interruption."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from geoplan import __version__
from geoplan.cli import app

from .small_park import SCENARIO, content, geoplan, write_park

COMMANDS = sorted(get_command(app).commands)
HEAVY = {"folium", "geopandas", "highspy", "networkx", "numpy", "pandas", "scipy", "shapely"}


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a scenario and its plan in ``out``."""
    folder = tmp_path_factory.mktemp("park")
    write_park(folder)
    ended = geoplan("plan", "park.toml", "--out", "out", folder=folder)
    assert ended.returncode == 0, ended.stderr
    (folder / "stdout.txt").write_text(ended.stdout, encoding="utf-8")
    (folder / "stderr.txt").write_text(ended.stderr, encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_and_the_options_of_all(command: str) -> None:
    short, long = (geoplan(command, flag, folder=Path.cwd()) for flag in ("-h", "--help"))
    assert short.returncode == long.returncode == 0
    assert short.stdout == long.stdout
    assert short.stderr == long.stderr == ""
    assert f"geoplan {command}" in short.stdout
    assert get_command(app).commands[command].help.split(".")[0] in " ".join(short.stdout.split())
    for option in ("--quiet", "-q", "--json", "-h"):
        assert option in short.stdout


def test_help_of_the_whole_names_every_command() -> None:
    ended = geoplan("-h", folder=Path.cwd())
    assert ended.returncode == 0
    assert all(f" {command} " in ended.stdout for command in COMMANDS)


def test_version_is_the_packages() -> None:
    ended = geoplan("--version", folder=Path.cwd())
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"geoplan {__version__}\n", "")


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys, geoplan.cli\n"
        "sys.argv = ['geoplan', '--help']\n"
        "code = geoplan.cli.main()\n"
        "print(code, *sorted(sys.modules), file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    code, *modules = ended.stderr.split()
    assert code == "0"
    assert "typer" in modules
    assert not HEAVY & set(modules)


def test_the_summary_has_units_and_progress_stays_on_stderr(park: Path) -> None:
    told = (park / "stdout.txt").read_text(encoding="utf-8")
    lines = dict(line.split("  ", 1) for line in told.splitlines() if not line.startswith(" "))
    summary = {label.strip(): text.strip() for label, text in lines.items()}
    assert summary["park"] == "Small park"
    assert summary["gross area"] == "36.00 ha"
    assert summary["plots share"].endswith("%")
    assert summary["projects"] == "6"
    assert "A-6" in summary["projects unplaced"]
    assert summary["investment"] == "108.5 bn KZT"
    assert summary["errors"] == "0"
    assert summary["map"] == str(Path("out", "map.html"))
    progress = (park / "stderr.txt").read_text(encoding="utf-8").splitlines()
    assert progress[:2] == ["geoplan: read", "geoplan: subdivide"]
    assert "geoplan: write map.html" in progress


def test_json_is_the_same_result_for_programs(park: Path, tmp_path: Path) -> None:
    ended = geoplan("plan", park / "park.toml", "-o", tmp_path / "out", "--json", folder=park)
    result = json.loads(ended.stdout)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert result["park"] == "Small park"
    assert result["gross_area_ha"] == pytest.approx(36, abs=0.001)
    assert result["projects"] == 6 == result["projects_placed"] + len(result["projects_unplaced"])
    assert result["investment_gap"] == pytest.approx(manifest["solver"][0]["gap"], abs=1e-6)
    assert result["errors"] == sum(f["severity"] == "error" for f in result["findings"]) == 0
    assert result["warnings"] == len(result["findings"]) > 0
    assert Path(result["map"]).is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "park.toml", "-o", "again"),
        ("check", "park.toml"),
        ("audit", "out"),
        ("map", "out", "-o", "m.html"),
        ("report", "out", "-o", "r.html"),
        ("explain", "out", "A-1"),
        ("new", "brand-new.toml"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_quiet_leaves_stderr_empty_and_json_is_valid(
    arguments: tuple[str, ...], park: Path
) -> None:
    ended = geoplan(*arguments, "-q", "--json", folder=park)
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert isinstance(json.loads(ended.stdout), dict)


def test_a_new_scenario_lacks_nothing_but_its_files(tmp_path: Path) -> None:
    assert geoplan("new", "mine.toml", folder=tmp_path).returncode == 0
    ended = geoplan("check", "mine.toml", "-q", folder=tmp_path)
    assert ended.returncode == 2
    problems = [line for line in ended.stderr.splitlines() if line.startswith("  - ")]
    assert len(problems) == 2
    assert all("there is no file" in problem for problem in problems)
    assert "'zones.geojson'" in problems[0]
    assert "'projects.csv'" in problems[1]


def test_a_new_scenario_with_its_files_is_accepted(tmp_path: Path) -> None:
    write_park(tmp_path).unlink()
    geoplan("new", "mine.toml", folder=tmp_path)
    ended = geoplan("check", "mine.toml", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["zones"] == 2


def test_check_tells_what_was_repaired_and_writes_nothing(tmp_path: Path) -> None:
    write_park(tmp_path)
    projects = tmp_path / "projects.csv"
    text = projects.read_text(encoding="utf-8").replace("hazard_class\n", "hazard_class,mood\n")
    projects.write_text(text, encoding="utf-8")
    before = content(tmp_path)
    ended = geoplan("check", "park.toml", "-q", folder=tmp_path)
    assert ended.returncode == 0
    assert "columns not used: mood" in ended.stdout
    assert content(tmp_path) == before


def test_explain_tells_where_a_project_stands(park: Path) -> None:
    ended = geoplan("explain", "out", "A-4", folder=park)
    assert ended.returncode == 0
    told = dict(line.split("  ", 1) for line in ended.stdout.splitlines())
    told = {label.strip(): text.strip() for label, text in told.items()}
    rows = (park / "out" / "allocation.csv").read_text(encoding="utf-8").splitlines()
    (row,) = (row.split(",") for row in rows if row.startswith("A-4,"))
    assert told["status"] == row[1] == "placed"
    assert told["plot ids"] == row[2]
    assert told["zone id"] == "L"
    assert "reason" not in told


def test_explain_tells_why_a_project_has_no_plot(park: Path) -> None:
    ended = geoplan("explain", "out", "A-6", "--json", folder=park)
    told = json.loads(ended.stdout)
    assert (told["status"], told["plot_ids"]) == ("unplaced", "")
    assert "55.00 ha" in told["reason"]


def test_explain_names_the_nearest_project_when_there_is_none(park: Path) -> None:
    ended = geoplan("explain", "out", "A6", folder=park)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "the plan has no project 'A6'. Did you mean 'A-6'?" in ended.stderr


def test_map_and_report_of_a_saved_plan_are_those_saved_with_it(park: Path) -> None:
    for command in ("map", "report"):
        ended = geoplan(command, "out", "--out", f"{command} again.html", folder=park)
        assert ended.returncode == 0
        assert f"{command} again.html" in ended.stdout
        again = (park / f"{command} again.html").read_bytes()
        assert again == (park / "out" / f"{command}.html").read_bytes()


def test_a_map_for_investors_opens_in_their_language_and_names_nobody(park: Path) -> None:
    choice = ("--audience", "investor", "--language", "ru", "--out", "for all.html", "--json")
    ended = geoplan("map", "out", *choice, folder=park)
    assert ended.returncode == 0
    page = Path(json.loads(ended.stdout)["map"])
    assert '<html lang="ru">' in (park / page).read_text(encoding="utf-8")
    assert (park / page).stat().st_size < (park / "out" / "map.html").stat().st_size


def test_a_map_beside_an_earlier_plan_is_for_planners(park: Path) -> None:
    both = ("map", "out", "--compare", "out", "--out", "both.html")
    ended = geoplan(*both, "--audience", "investor", folder=park)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "for planners alone" in ended.stderr
    assert not (park / "both.html").exists()
    assert geoplan(*both, folder=park).returncode == 0
    assert (park / "both.html").is_file()


@pytest.mark.parametrize(("option", "word"), [("--audience", "press"), ("--language", "de")])
def test_a_map_for_others_is_refused(option: str, word: str, park: Path) -> None:
    ended = geoplan("map", "out", option, word, "--out", "no.html", folder=park)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert word in ended.stderr
    assert not (park / "no.html").exists()


def test_audit_of_a_saved_plan_finds_what_planning_found(park: Path) -> None:
    planned = json.loads(geoplan("audit", "out", "--json", folder=park).stdout)["findings"]
    assert {finding["severity"] for finding in planned} == {"warning"}
    told = (park / "stdout.txt").read_text(encoding="utf-8")
    assert all(finding["message"] in told for finding in planned)


def test_audit_of_a_plan_edited_by_hand_ends_with_1(park: Path, tmp_path: Path) -> None:
    assert geoplan("plan", park / "park.toml", "-o", tmp_path / "p", folder=park).returncode == 0
    script = (
        "import sys, pyogrio\n"
        "plots = pyogrio.read_dataframe(sys.argv[1], layer='plots')\n"
        "plots.loc[0, 'plot_id'] = plots.loc[1, 'plot_id']\n"
        "pyogrio.write_dataframe(plots, sys.argv[1], layer='plots', driver='GPKG')\n"
    )
    edit = [sys.executable, "-c", script, str(tmp_path / "p" / "plan.gpkg")]
    subprocess.run(edit, check=True)
    ended = geoplan("audit", tmp_path / "p", folder=park)
    assert ended.returncode == 1
    assert "These ids stand for more than one plot." in ended.stdout


def test_planning_over_a_plan_replaces_it_and_over_a_failure_keeps_it(tmp_path: Path) -> None:
    write_park(tmp_path)
    for _ in range(2):
        assert geoplan("plan", "park.toml", "-o", "out", folder=tmp_path).returncode == 0
    before = content(tmp_path / "out")
    (tmp_path / "park.toml").write_text(SCENARIO + "nonsense = 1\n", encoding="utf-8")
    assert geoplan("plan", "park.toml", "-o", "out", folder=tmp_path).returncode == 2
    assert content(tmp_path / "out") == before


@pytest.mark.parametrize("stage", ["read", "subdivide", "allocate", "write plan.gpkg"])
def test_interrupting_writes_nothing_and_ends_with_130(stage: str, tmp_path: Path) -> None:
    write_park(tmp_path)
    before = content(tmp_path)
    running = subprocess.Popen(
        [sys.executable, "-m", "geoplan", "plan", "park.toml", "-o", "out/plan"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # A shell's background jobs ignore interrupts, and hand that on to their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with running:
        for line in running.stderr:
            if line == f"geoplan: {stage}\n":
                running.send_signal(signal.SIGINT)
                break
        told, rest = running.communicate(timeout=60)
    # Python ends itself by the signal where it broke into text that was being executed; shells
    # call either end 130.
    assert running.returncode in (130, -signal.SIGINT)
    assert rest.endswith("geoplan: interrupted; nothing was written.\n")
    assert "Traceback" not in rest
    assert told == ""
    assert content(tmp_path) == before
