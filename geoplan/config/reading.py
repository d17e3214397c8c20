"""Reading TOML into settings: what does not fit is told with all its faults."""

from __future__ import annotations

import errno
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from geoplan.config.objectives import REFUSED
from geoplan.config.settings import Settings
from geoplan.database import without_password
from geoplan.errors import GeoplanError, Problem, closest, nearest_name

TEXT_MAX_BYTES = 256 << 20
"""Tables and texts are read whole; larger ones are something else than a park's."""

_Model = TypeVar("_Model", bound=Settings)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    GeoplanError
        If there is none, or it is no TOML.
    """
    try:
        return tomllib.loads(readable_file(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        cause, remedy = "there is no such file.", "Check the path; 'geoplan new' writes a scenario."
    except OSError as error:
        cause, remedy = f"it cannot be read ({error.strerror}).", "Name a readable *.toml file."
    except UnicodeDecodeError:
        cause, remedy = "it is not UTF-8 text.", "Save it again as UTF-8."
    except tomllib.TOMLDecodeError as error:
        cause, remedy = f"it is not valid TOML: {error}.", "Mend that line."
    raise GeoplanError([Problem(str(path), cause, remedy)])


def readable_file(path: Path, *, most_bytes: int = TEXT_MAX_BYTES) -> Path:
    """Return the path of a file whose reading ends; folders are left to whoever opens them.

    Raises
    ------
    OSError
        If there is no such file, or one that may never end (a pipe, a device) or not fit into
        memory; its ``strerror`` says so.
    """
    found = path.stat()
    if stat.S_ISREG(found.st_mode):
        if found.st_size > most_bytes:
            size = f"it has {found.st_size:,} bytes, more than {most_bytes:,}"
            raise OSError(errno.EFBIG, size, str(path))
    elif not stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device and not a file", str(path))
    return path


def checked(model: type[_Model], content: dict[str, Any], where: str) -> _Model:
    """Make settings of what a file says.

    Raises
    ------
    GeoplanError
        With every key that is unknown and every value that does not fit.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise GeoplanError(_as_problem(where, fault, model) for fault in error.errors()) from None


def from_file(model: type[_Model], content: dict[str, Any], path: Path) -> _Model:
    """Make settings of a file's content; relative paths in it start at the file's folder.

    Raises
    ------
    GeoplanError
        With every key that is unknown and every value that does not fit.
    """
    if "folder" in content:
        raise GeoplanError([unknown_key(path.name, ("folder",), model)])
    return checked(model, content | {"folder": path.parent}, path.name)


def _as_problem(where: str, fault: Any, model: Any) -> Problem:
    location = tuple(part for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return unknown_key(where, location, model)
    setting = _setting_name(location)
    if fault["type"] == "missing":
        return Problem(f"{where}, {setting}", "this setting is required.", "Add it.")
    value = fault["input"]
    if isinstance(value, str):
        value = without_password(value)
    shown_value = f" (it is {value!r})" if isinstance(value, str | int | float) else ""
    if fault["type"] == "literal_error":
        expected = fault["ctx"]["expected"]
        close = closest(str(value), re.findall(r"'([^']*)'", expected))
        remedy = f"Did you mean '{close}'?" if close else "Write one of them."
        return Problem(f"{where}, {setting}", f"it must be {expected}{shown_value}.", remedy)
    cause = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == REFUSED:
        return Problem(f"{where}, {setting}", cause, fault["ctx"]["remedy"])
    return Problem(f"{where}, {setting}", f"{cause}{shown_value}.", "Correct the value.")


def unknown_key(where: str, location: tuple[Any, ...], model: Any) -> Problem:
    """Say that a setting is unknown, and which one may have been meant."""
    for part in location[:-1]:
        model = _submodel(model, part)
    known = [name for name in getattr(model, "model_fields", {}) if name != "folder"]
    remedy = nearest_name(str(location[-1]), known)
    return Problem(f"{where}, {_setting_name(location)}", "unknown setting.", remedy)


def _submodel(model: Any, key: object) -> Any:
    field = getattr(model, "model_fields", {}).get(key)
    annotation = getattr(field, "annotation", None)
    if hasattr(annotation, "model_fields"):
        return annotation
    options = getattr(annotation, "__args__", ())
    return next((option for option in options if hasattr(option, "model_fields")), None)


def _setting_name(location: tuple[Any, ...]) -> str:
    if len(location) < 2:
        return f"[{location[0]}]" if location else "the file"
    return f"[{location[0]}] " + ".".join(str(part) for part in location[1:])
