"""Text as bytes: which encoding it is in, and text that was once read in a wrong one."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from geoplan.site.findings import Remarks

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NUL_SHARE_MIN = 0.2
"""Share of zero bytes that only two-byte text has."""

_CYRILLIC = ("cp1251", "cp866", "koi8-r")
# The commonest letters of Russian text; the wrong code page turns them into signs or capitals.
_COMMON = re.compile("[оеаинтсрвлкмдпу]")

# (what text was read as, what it is): the Cyrillic of Windows, of DOS, and UTF-8.
_MISREAD = (
    ("cp1251", "utf-8"),
    ("cp1252", "utf-8"),
    ("latin-1", "utf-8"),
    ("latin-1", "cp1251"),
    ("cp1252", "cp1251"),
    ("cp1251", "cp866"),
)
_WORD = re.compile(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]{2,}")
_ONLY_TEXT = re.compile(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі\w\s.,;:№\"«»()/+-]+")
_LATIN_RUN = re.compile("[\u00c0-\u00ff]{3,}")
_SIGNS = re.compile("[\u0402\u0403\u201a\u0453\u201e-\u2020\u2026\u2021\u00a0-\u00af]")
_LOST = re.compile("\ufffd|[?]{3,}")


def decoded(content: bytes, remarks: Remarks) -> str:
    """Decode a text file, and report any encoding but UTF-8.

    Parameters
    ----------
    content : bytes
    remarks : Remarks

    Returns
    -------
    str
        Without a byte order mark.
    """
    if content.startswith(_UTF16_MARKS):
        return _utf16(content, "utf-16", remarks)
    zeros = content[:1000]
    if zeros and zeros.count(0) > _NUL_SHARE_MIN * len(zeros):
        # Latin letters and figures have their zero byte second where the low byte comes first.
        low_first = zeros[1::2].count(0) >= zeros[0::2].count(0)
        return _utf16(content, "utf-16-le" if low_first else "utf-16-be", remarks)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = cyrillic_encoding(content)
        remarks.info(
            "csv-encoding",
            f"the file is not UTF-8 and was read as {encoding}.",
            f"Save it as UTF-8: {encoding} has no Kazakh letters and may have lost some already.",
        )
        return content.decode(encoding, errors="replace")


def _utf16(content: bytes, encoding: str, remarks: Remarks) -> str:
    remarks.info("csv-encoding", "the file was read as UTF-16.", "Save it as UTF-8.")
    return content.decode(encoding, errors="replace")


def cyrillic_encoding(content: bytes) -> str:
    """Tell which Cyrillic code page text is in, by the commonest letters.

    Parameters
    ----------
    content : bytes
        Not UTF-8.

    Returns
    -------
    str
        ``cp1251`` where it is as likely as another.

    Examples
    --------
    >>> cyrillic_encoding("Северная зона".encode("cp866"))
    'cp866'
    """
    counts = {
        name: len(_COMMON.findall(content.decode(name, errors="replace"))) for name in _CYRILLIC
    }
    return max(_CYRILLIC, key=lambda name: counts[name])


def unmangled(text: str) -> tuple[str, str, str] | None:
    """Tell text that was read in a wrong encoding.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of str or None
        The text as meant, what it was read as, and what it is; None where it looks right.

    Examples
    --------
    >>> unmangled("РЎРєР»Р°Рґ")
    ('Склад', 'cp1251', 'utf-8')
    >>> unmangled("Çàâîä")
    ('Завод', 'latin-1', 'cp1251')
    >>> unmangled("Größe") is None
    True
    """
    if text.isascii():
        return None
    for read_as, meant in _MISREAD:
        if meant == "cp1251" and not _LATIN_RUN.search(text):
            continue
        if meant == "cp866" and not _SIGNS.search(text):
            continue
        try:
            mended = text.encode(read_as).decode(meant)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if _WORD.search(mended) and _ONLY_TEXT.fullmatch(mended):
            return mended, read_as, meant
    return None


def note_mangled(column: str, cells: Iterable[str], remarks: Remarks) -> None:
    """Note text of a column that was read in a wrong encoding, or has lost letters.

    Parameters
    ----------
    column : str
        Its name, for the message.
    cells : iterable of str
        Each text once.
    remarks : Remarks
    """
    mended = [(text, found) for text in cells if (found := unmangled(text))]
    if mended:
        text, (meant, read_as, encoding) = mended[0]
        remarks.warning(
            "text-encoding",
            f"texts in {column} look misread ({len(mended)}): '{text}' would be '{meant}', "
            f"had {encoding} not been read as {read_as}.",
            f"Export the file again and state its encoding, {encoding}, or save it as UTF-8.",
        )
    lost = [text for text in cells if _LOST.search(text)]
    if lost:
        remarks.warning(
            "text-lost",
            f"texts in {column} have lost letters ({len(lost)}), such as '{lost[0]}'.",
            "Export the file again as UTF-8: what is lost cannot be read back.",
        )
