"""What an allocation can be best at: one value, or a weighted sum of several."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from pydantic_core import PydanticCustomError

from geoplan.errors import GeoplanError, Problem, nearest_name

OBJECTIVES = {
    "investment": "bn KZT",
    "jobs": "jobs",
    "priority": "points",
    "projects": "projects",
    "near": "wishes",
    "transport": "t km/year",
    "area_fit": "ha",
}
"""Each objective and its unit."""

WEIGHABLE = ("investment", "jobs", "priority", "projects")
"""Objectives that add up project by project, whoever stands beside, and so may be weighed."""

REFUSED = "objective_refused"
"""Kind of a fault that comes with a remedy of its own."""

_SUM = "investment + 0.002 jobs"
# A plus sign within 1e+3 joins nothing.
_PLUS = re.compile(r"(?<![0-9.][eE])\+")


def objective_named(value: object) -> str:
    """Write an objective in the one way that it has.

    Parameters
    ----------
    value : object
        The name of an objective; a weighted sum such as ``"investment + 0.002 jobs"``; or the
        same as a mapping of names to weights.

    Returns
    -------
    str
        Terms come in the order of :data:`OBJECTIVES`, a weight of 1 is left out, and so is that
        of a term which stands alone, for it changes nothing.

    Raises
    ------
    PydanticCustomError
        With cause and remedy, if a name is unknown or repeated, a value cannot be weighed, or a
        weight is not finite and above 0.

    Examples
    --------
    >>> objective_named("0.002*jobs + investment")
    'investment + 0.002 jobs'
    >>> objective_named({"investment": 1.0, "jobs": 0.002})
    'investment + 0.002 jobs'
    """
    weights = _weights(value)
    if len(weights) == 1:
        return next(iter(weights))
    terms = ((name, weights[name]) for name in OBJECTIVES if name in weights)
    return " + ".join(name if each == 1 else f"{_shown(each)} {name}" for name, each in terms)


def checked_objective(value: object, where: str) -> str:
    """Write an objective in the one way that it has, or say what is wrong with it.

    Parameters
    ----------
    value : object
        As :func:`objective_named` takes it.
    where : str
        Where it stands, for the message.

    Raises
    ------
    GeoplanError
        If it is none.
    """
    try:
        return objective_named(value)
    except PydanticCustomError as fault:
        told = fault.context or {}
        raise GeoplanError([Problem(where, told["cause"], told["remedy"])]) from None


def weights_of(objective: str) -> dict[str, float]:
    """Read what an objective adds up.

    >>> weights_of("investment + 0.002 jobs")
    {'investment': 1.0, 'jobs': 0.002}
    >>> weights_of("near")
    {'near': 1.0}
    """
    return _weights(objective)


def unit_of(objective: str) -> str:
    """Name the unit of an objective's value; a sum has that of the term that weighs 1.

    >>> unit_of("investment + 0.002 jobs"), unit_of("2 investment + 0.002 jobs")
    ('bn KZT', 'points')
    """
    weights = _weights(objective)
    return next((OBJECTIVES[name] for name, each in weights.items() if each == 1), "points")


def _weights(value: object) -> dict[str, float]:
    terms = _terms(value)
    if not terms:
        raise _refused("this names no objective.", f'Name one, or a sum: "{_SUM}".')
    weights: dict[str, float] = {}
    for name, weight in terms:
        if name not in OBJECTIVES:
            raise _refused(f"no objective is called '{name}'.", nearest_name(name, OBJECTIVES))
        if name in weights:
            raise _refused(f"{name} is in this sum more than once.", "Add its weights up.")
        if len(terms) > 1 and name not in WEIGHABLE:
            remedy = f"Make it an objective of its own; {', '.join(WEIGHABLE)} can be weighed."
            raise _refused(f"{name} depends on who stands beside and cannot be weighed.", remedy)
        weights[name] = _weight(name, weight)
    return weights


def _terms(value: object) -> list[tuple[str, object]]:
    """Take a sum apart into names and weights."""
    if isinstance(value, Mapping):
        return [(str(name), weight) for name, weight in value.items()]
    if not isinstance(value, str):
        raise _refused(f"{value!r} is no objective.", f'Name one, or a sum: "{_SUM}".')
    terms: list[tuple[str, object]] = []
    for term in _PLUS.split(value):
        words = term.replace("*", " ").split()
        if not 1 <= len(words) <= 2:
            raise _refused(f"'{value}' is no sum of objectives.", f'Write it as "{_SUM}".')
        terms.append((words[-1], words[0] if len(words) == 2 else 1.0))
    return terms


def _weight(name: str, value: object) -> float:
    try:
        weight = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        weight = math.nan
    if not 0 < weight < math.inf:
        cause = f"{value} is no weight of {name}: weights are numbers above 0."
        raise _refused(cause, "Leave out what is not to count.")
    return weight


def _shown(weight: float) -> str:
    """Write a weight so that it is read back as it is.

    >>> _shown(2.0), _shown(0.002), _shown(1e22)
    ('2', '0.002', '1e+22')
    """
    return repr(weight).removesuffix(".0")


def _refused(cause: str, remedy: str) -> PydanticCustomError:
    # The texts go in as values, for braces in them are the planner's own.
    return PydanticCustomError(REFUSED, "{cause}", {"cause": cause, "remedy": remedy})
