"""Two escapers, so that what an applicant typed stays text in every file that is published.

A page is parsed more than once: by the template engine (Folium's elements even twice), by the
HTML parser and, in scripts, by JavaScript. What leaves these functions means itself to all.
"""

from __future__ import annotations

import json
import re

_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Markup, template braces, line separators of old JavaScript, controls of writing direction and
# lone surrogates, which no UTF-8 file can hold.
_ACTIVE_IN_SCRIPT = re.compile(
    r"[<>&{}`$\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_ACTIVE_IN_HTML = re.compile(r"[<>&{}\"'`$\r\n]")
# Characters that HTML cannot hold at all, not even as a reference.
_NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def script_json(value: object) -> str:
    r"""Write a value as JSON that is inert inside a script and inside a Jinja template.

    Parameters
    ----------
    value : object
        Anything :func:`json.dumps` takes; numbers must be finite.

    Returns
    -------
    str
        JSON that every JSON parser and JavaScript read back as `value`.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> print(script_json({"name": "</script>{{7*7}}"}))
    {"name":"\u003c/script\u003e\u007b\u007b7*7\u007d\u007d"}
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _JSON_STRING.sub(lambda string: _ACTIVE_IN_SCRIPT.sub(_as_unicode, string[0]), text)


def html_text(value: object) -> str:
    """Write a value as text that is inert in HTML, in quoted attributes and in a Jinja template.

    Parameters
    ----------
    value : object
        Its ``str`` is written. What HTML cannot hold (NUL and other controls, lone surrogates)
        becomes the replacement character.

    Returns
    -------
    str

    Examples
    --------
    >>> html_text("<b>{{7*7}}")
    '&#60;b&#62;&#123;&#123;7*7&#125;&#125;'
    """
    text = _NOT_IN_HTML.sub("\ufffd", str(value))
    return _ACTIVE_IN_HTML.sub(lambda character: f"&#{ord(character[0])};", text)


def _as_unicode(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"
