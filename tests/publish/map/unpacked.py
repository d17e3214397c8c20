"""A page's data, read back without the page's own scripts."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import numpy as np


def unpacked(html: str) -> tuple[Any, list[Any]]:
    """Return what a page carries: its tree with texts put in, and every number of its columns."""
    start = html.index('{"gzip":"', html.index('type="application/json"')) + len('{"gzip":"')
    packed = gzip.decompress(base64.b64decode(html[start : html.index('"', start)]))
    length = int.from_bytes(packed[:4], "little")
    tree, rest = json.loads(packed[4 : 4 + length]), packed[4 + length :]
    numbers: list[Any] = []

    def read(value: Any) -> Any:
        if isinstance(value, list):
            return [read(each) for each in value]
        if not isinstance(value, dict):
            if isinstance(value, int | float):
                numbers.append(value)
            return value
        if "@" in value:
            column = _integers(rest, *value["@"])
            numbers.extend(column)
            return column
        if "$" in value:
            place, size = value["$"]
            return json.loads(rest[place : place + size])
        told = {name: read(each) for name, each in value.items()}
        if "rests" in told:
            return _whole(told)
        if "numbers" in told and "digits" in told:
            numbers.extend(step / 10 ** told["digits"] for step in told["numbers"])
        return told

    return read(tree), numbers


def _integers(rest: bytes, place: int, count: int, steps: int = 0) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        value = shift = 0
        while True:
            byte, place = rest[place], place + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        found.append((value >> 1) ^ -(value & 1))
    return np.cumsum(found).tolist() if steps else found


def _whole(coded: dict[str, Any]) -> list[str]:
    texts: list[str] = []
    at = 0
    for length, shared in zip(coded["length"], coded["shared"], strict=True):
        before = texts[-1][:shared] if shared else ""
        texts.append(before + coded["rests"][at : at + length])
        at += length
    return texts


def texts_of(value: Any) -> list[str]:
    """Return every text of a tree."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts_of(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts_of(each)]
    return []


def tables_of(value: Any) -> list[list[dict[str, Any]]]:
    """Return the fields of every table in a tree."""
    if isinstance(value, dict):
        own = [value["fields"]] if "fields" in value else []
        return own + [table for each in value.values() for table in tables_of(each)]
    if isinstance(value, list):
        return [table for each in value for table in tables_of(each)]
    return []


def code_of(html: str) -> str:
    """Return the code that a page carries compressed: Leaflet, its own scripts, Folium's."""
    packed = re.search(r'id="geoplan_code">([^<]*)<', html)
    assert packed is not None
    return gzip.decompress(base64.b64decode(packed[1])).decode("utf-8")
