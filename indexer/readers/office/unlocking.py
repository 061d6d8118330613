"""An Office file without its encryption, in memory, by the password that its owner gave.

PDFs take a password themselves; what else is encrypted stays so.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from indexer.readers.kinds.sniffing import OLE
from indexer.readers.source import Source


def unlocked(source: Source) -> Source:
    """Return a source as its readers take it; itself if that changes nothing. Raises OSError."""
    with source.open() as file:
        if file.read(len(OLE)) != OLE:
            return source
        import msoffcrypto
        from msoffcrypto.exceptions import DecryptionError, FileFormatError, ParseError

        file.seek(0)
        decrypted = BytesIO()
        try:
            office = msoffcrypto.OfficeFile(file)
            office.load_key(password=source.password)
            office.decrypt(decrypted)
        except (DecryptionError, FileFormatError, ParseError):
            return source  # its reader says what it is
    return replace(source, data=decrypted.getvalue(), password=None)
