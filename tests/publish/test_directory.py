import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from geoplan.errors import GeoplanError
from geoplan.publish import directory as directory_module
from geoplan.publish.directory import replacing

MANIFEST = {"written_by": "geoplan", "files": ["manifest.json", "a.txt", "b.txt"]}


def write(folder: Path, text: str) -> None:
    (folder / "a.txt").write_text(text)
    (folder / "b.txt").write_text(text)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))


def saved(folder: Path, text: str = "old") -> Path:
    with replacing(folder) as fresh:
        write(fresh, text)
    return folder


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def whole(text: str) -> dict[str, str]:
    return {"a.txt": text, "b.txt": text, "manifest.json": json.dumps(MANIFEST)}


@pytest.fixture(params=["exchange", "two renames"])
def swap(request, monkeypatch):
    if request.param == "two renames":
        monkeypatch.setattr(directory_module, "_exchange", lambda *_: False)
    return request.param


def test_a_new_folder_is_made_with_its_parents(tmp_path):
    saved(tmp_path / "one" / "two", "new")
    assert content(tmp_path / "one" / "two") == whole("new")
    assert names(tmp_path / "one") == ["two"]


def test_an_old_plan_is_replaced_whole(tmp_path, swap):
    target = saved(tmp_path / "park")
    target.chmod(0o750)
    with replacing(target) as fresh:
        write(fresh, "new")
        (fresh / "b.txt").unlink()
        assert content(target) == whole("old")
    assert content(target) == {"a.txt": "new", "manifest.json": json.dumps(MANIFEST)}
    assert names(tmp_path) == ["park"]
    assert target.stat().st_mode & 0o777 == 0o750


def test_linux_exchanges_the_folders_in_one_step(tmp_path, monkeypatch):
    target = saved(tmp_path / "park")

    def refuse(*_):
        raise AssertionError("two renames leave a moment without a folder")

    monkeypatch.setattr(directory_module, "_two_renames", refuse)
    assert content(saved(target, "new")) == whole("new")


def test_an_empty_folder_may_be_used(tmp_path, swap):
    (tmp_path / "park").mkdir()
    assert content(saved(tmp_path / "park", "new")) == whole("new")


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    saved(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    saved(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == whole("new")


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_changes_nothing(tmp_path, failure):
    target = saved(tmp_path / "park")

    def fail(folder):
        (folder / "a.txt").write_text("half")
        raise failure

    with pytest.raises(failure), replacing(target) as fresh:
        fail(fresh)
    assert content(target) == whole("old")
    assert names(tmp_path) == ["park"]


def test_an_exception_leaves_no_new_parents(tmp_path):
    with pytest.raises(ValueError, match="stop"), replacing(tmp_path / "one" / "two"):
        raise ValueError("stop")
    assert names(tmp_path) == []


def test_a_failed_second_rename_puts_the_old_folder_back(tmp_path, monkeypatch):
    target = saved(tmp_path / "park")
    monkeypatch.setattr(directory_module, "_exchange", lambda *_: False)
    rename = Path.rename

    def failing(path, to):
        if path.name.endswith("-new"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(GeoplanError, match="cannot be written"):
        saved(target, "new")
    assert content(target) == whole("old")
    assert names(tmp_path) == ["park"]


def refused(target: Path) -> str:
    parent = sorted(target.parent.iterdir()) if target.parent.is_dir() else None
    with pytest.raises(GeoplanError) as raised:
        saved(target, "new")
    assert (sorted(target.parent.iterdir()) if target.parent.is_dir() else None) == parent
    (problem,) = raised.value.problems
    assert problem.where == str(target.resolve())
    assert problem.remedy
    return str(raised.value)


def test_a_file_is_refused(tmp_path):
    (tmp_path / "park").write_text("mine")
    assert "it is a file" in refused(tmp_path / "park")
    assert (tmp_path / "park").read_text() == "mine"


@pytest.mark.parametrize(
    "manifest",
    [None, "{}", "no JSON", "[]", '{"name": "a web page"}', '{"written_by": "geoplan"}', "\x80"],
)
def test_a_folder_that_no_plan_wrote_is_refused(tmp_path, manifest):
    (tmp_path / "park").mkdir()
    (tmp_path / "park" / "letter.txt").write_text("mine")
    if manifest is not None:
        (tmp_path / "park" / "manifest.json").write_text(manifest, encoding="latin-1")
    assert "geoplan did not write it" in refused(tmp_path / "park")
    assert (tmp_path / "park" / "letter.txt").read_text() == "mine"


def test_a_users_file_in_a_plans_folder_is_not_deleted(tmp_path):
    target = saved(tmp_path / "park")
    (target / "notes.docx").write_text("mine")
    assert "notes.docx" in refused(target)
    assert content(target) == whole("old") | {"notes.docx": "mine"}


def test_a_users_file_put_there_meanwhile_is_not_deleted(tmp_path):
    target = saved(tmp_path / "park")
    with pytest.raises(GeoplanError, match=r"notes\.docx"), replacing(target):
        (target / "notes.docx").write_text("mine")
    assert content(target) == whole("old") | {"notes.docx": "mine"}


def test_what_programs_drop_beside_a_plan_is_no_hindrance(tmp_path):
    target = saved(tmp_path / "park")
    for name in ("plan.gpkg-wal", "plan.gpkg-shm", ".DS_Store", "Thumbs.db", "~$register.xlsx"):
        (target / name).write_text("")
    assert content(saved(target, "new")) == whole("new")


@pytest.mark.parametrize("place", [".", "below"])
def test_the_working_directory_is_refused(tmp_path, monkeypatch, place):
    target = saved(tmp_path / "park")
    (target / "below").mkdir()
    monkeypatch.chdir(target / place)
    assert "working directory" in refused(target)


def test_a_parent_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    assert "cannot be written" in refused(tmp_path / "file" / "park")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_parent_that_cannot_be_written_is_refused(tmp_path, monkeypatch, number):
    def mkdir(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert os.strerror(number) in refused(tmp_path / "park")


def test_a_full_disk_is_told_with_the_folder(tmp_path):
    target = saved(tmp_path / "park")
    with pytest.raises(GeoplanError, match="the disk is full") as raised, replacing(target):
        Path("/dev/full").write_bytes(b"this device is always full")
    assert raised.value.problems[0].where == str(target)
    assert content(target) == whole("old")
    assert names(tmp_path) == ["park"]


def test_other_system_errors_keep_their_name(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "park"):
        (tmp_path / "nothing").read_text()


def test_a_second_run_of_the_same_folder_is_refused(tmp_path):
    target = saved(tmp_path / "park")
    with replacing(target) as fresh:
        write(fresh, "first")
        assert "another run is writing" in refused(target)
        assert content(fresh) == whole("first")
    assert content(target) == whole("first")


def test_what_a_crash_left_is_not_in_the_next_plan(tmp_path):
    leftover = tmp_path / ".park.geoplan-new"
    (leftover / "folder").mkdir(parents=True)
    (leftover / "half.txt").write_text("half")
    assert content(saved(tmp_path / "park", "new")) == whole("new")
    assert names(tmp_path) == ["park"]


def test_a_leftover_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    (tmp_path / ".park.geoplan-new").symlink_to(tmp_path / "mine")
    assert "cannot be written" in refused(tmp_path / "park")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "mine"


# A run that stops at a moment and says so, to be killed there.
VICTIM = """
import json, sys, time
from pathlib import Path
from geoplan.publish import directory

def pausing(function):
    def paused(*arguments):
        print("here", flush=True)
        time.sleep(60)
        return function(*arguments)
    return paused

target, moment = Path(sys.argv[1]), sys.argv[2]
if moment.startswith("rename"):
    directory._exchange = lambda *_: False
    suffix = {"rename old": "park", "rename new": ".park.geoplan-new"}[moment]
    rename, pause = Path.rename, pausing(lambda: None)
    def stopping(path, to):
        if path.name == suffix:
            pause()
        return rename(path, to)
    Path.rename = stopping
elif moment != "block":
    setattr(directory, moment, pausing(getattr(directory, moment)))
with directory.replacing(target) as fresh:
    (fresh / "a.txt").write_text("new")
    if moment == "block":
        pausing(lambda: None)()
    (fresh / "b.txt").write_text("new")
    (fresh / "manifest.json").write_text(sys.argv[3])
"""


def killed_at(target: Path, moment: str) -> None:
    command = [sys.executable, "-c", VICTIM, str(target), moment, json.dumps(MANIFEST)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "here\n"
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("block", "old"),
        ("_flush", "old"),
        ("_exchange", "old"),
        ("_flush_names", "new"),
        ("rename old", "old"),
    ],
)
def test_a_killed_run_leaves_the_old_folder_or_the_new_one(tmp_path, moment, expected):
    target = saved(tmp_path / "park")
    killed_at(target, moment)
    assert content(target) == whole(expected)
    assert len(names(tmp_path)) == 2
    saved(target, "next")
    assert content(target) == whole("next")
    assert names(tmp_path) == ["park"]


def test_a_run_killed_between_two_renames_is_mended_by_the_next(tmp_path):
    target = saved(tmp_path / "park")
    killed_at(target, "rename new")
    assert not target.exists()
    with pytest.raises(ValueError, match="stop"), replacing(target):
        raise ValueError("stop")
    assert content(target) == whole("old")
    assert names(tmp_path) == ["park"]


def test_a_run_killed_after_two_renames_leaves_the_new_folder(tmp_path):
    target = saved(tmp_path / "park")
    saved(tmp_path / "aside").rename(tmp_path / ".park.geoplan-old")
    assert content(saved(target, "new")) == whole("new")
    assert names(tmp_path) == ["park"]


SWAPPING = """
import sys
from pathlib import Path
from geoplan.publish.directory import replacing

print("here", flush=True)
for number in range(100_000):
    with replacing(Path(sys.argv[1])) as fresh:
        for name in ("a.txt", "b.txt"):
            (fresh / name).write_text(str(number))
        (fresh / "manifest.json").write_text(sys.argv[2])
"""


def test_a_reader_always_finds_a_folder_and_a_kill_leaves_it_whole(tmp_path):
    target = saved(tmp_path / "park", "0")
    command = [sys.executable, "-c", SWAPPING, str(target), json.dumps(MANIFEST)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "here\n"
        seen = set()
        while len(seen) < 20:
            seen.add((target / "a.txt").read_text())
        run.kill()
    found = content(target)
    assert found == whole(found["a.txt"])
