"""Where a scenario's layers come from: files and databases alike, with their checksums."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from geoplan.database import is_address
from geoplan.site.databases import Databases, DatabaseTable
from geoplan.site.findings import Remarks
from geoplan.site.sources import Source, locate, sha256


class Inputs:
    """Finds what a scenario names; databases stay open, each in one snapshot, until it closes.

    Parameters
    ----------
    folder : Path
        Relative paths start here.

    Attributes
    ----------
    sha256s : dict of str to str
        Path or address as written, without a password, to SHA-256 (hexadecimal).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sha256s: dict[str, str] = {}
        self._databases = Databases()
        self._closing = ExitStack()

    def __enter__(self) -> Inputs:
        self._closing.enter_context(self._databases)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def find(self, text: str, remarks: Remarks) -> Source | DatabaseTable | None:
        """Find the file or the table that a scenario names.

        Returns
        -------
        Source, DatabaseTable or None
            A table with its content, for what is read later may be another state; None after a
            problem.
        """
        if is_address(text):
            table = self._databases.table(text, remarks)
            if table is not None:
                self.sha256s[table.written] = table.sha256
            return table
        source = locate(text, self.folder, remarks)
        if source is None:
            return None
        if source.written not in self.sha256s:
            try:
                self.sha256s[source.written] = sha256(source)
            except OSError as error:
                cause = f"the file cannot be read ({error.strerror})."
                remarks.problem(cause, "Check who may read it, and the disk.")
                return None
        return source
