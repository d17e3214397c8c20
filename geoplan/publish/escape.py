"""The escaper for pages, so that what an applicant typed stays text in every one of them.

A page is parsed more than once: by the template engine (Folium's elements even twice) and by the
HTML parser. What leaves this function means itself to both. Into scripts no text of a plan goes:
the map's data are bytes in base64.
"""

from __future__ import annotations

import re

_ACTIVE_IN_HTML = re.compile(r"[<>&{}\"'`$\r\n]")
# Characters that HTML cannot hold at all, not even as a reference.
_NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


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
