"""Files that were made to harm the program that opens them; each is small on the disk.

BOMBS names one of each kind. `python -m tests.bombs FOLDER` writes them all, to try other programs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bombs import archives, pdfs, pictures, texts, xml
from tests.bombs.lure import MARK, Lure

__all__ = ["BOMBS", "MARK", "Bomb", "Lure"]


@dataclass(frozen=True, slots=True)
class Bomb:
    """A hostile file: its name, how it is made, and how it must end."""

    name: str
    make: Callable[[Lure], bytes]
    states: tuple[str, ...] = ("indexed", "partial")
    is_slow: bool = False  # it takes seconds, or two readers

    def write(self, folder: Path, lure: Lure) -> Path:
        """Write it into a folder."""
        path = folder / self.name
        path.write_bytes(self.make(lure))
        return path


_REFUSED = ("failed",)
_IN_PART = ("partial",)
_PICTURE = ("partial", "empty", "failed")  # as OCR is there or not


def _xml_bombs() -> list[Bomb]:
    return [
        Bomb(
            f"{kind}.{suffix}",
            partial(make, kind),
            ("skipped",) if suffix == "svg" else ("indexed", "partial", "failed"),
        )
        for suffix, make in xml.FORMATS.items()
        for kind in xml.KINDS
    ]


BOMBS: tuple[Bomb, ...] = (
    Bomb("flat.zip", archives.flat_zip, _IN_PART),
    Bomb("nested.zip", archives.nested_zip, _REFUSED),
    Bomb("overlapping.zip", archives.overlapping_zip, _REFUSED, is_slow=True),
    Bomb("members.zip", archives.many_members, _IN_PART),
    Bomb("links.zip", archives.zip_of_links),
    Bomb("expanding.docx", archives.expanding_word, _REFUSED),
    Bomb("zeros.tar.gz", archives.tar_of_zeros, ("failed", "quarantined"), is_slow=True),
    Bomb("links.tar", archives.tar_of_links),
    *_xml_bombs(),
    Bomb("deep.html", texts.deep_html),
    Bomb("deep.xml", texts.deep_xml),
    Bomb("deep.json", texts.deep_json),
    Bomb("blank.xml", texts.blank_xml),
    *(Bomb(f"include.{suffix}", texts.including) for suffix in ("org", "rst", "adoc", "tex", "md")),
    Bomb("include.rtf", texts.rich_text),
    Bomb("one-line.txt", texts.one_line, is_slow=True),
    Bomb("parts.eml", texts.mail_of_parts, _REFUSED),
    Bomb("mails.eml", texts.nested_mails, _REFUSED),
    Bomb("stray.xls", texts.old_workbook, _REFUSED),
    Bomb("large.png", pictures.large_picture, _PICTURE),
    Bomb("lying.png", pictures.lying_picture, _PICTURE),
    Bomb("lying.tif", pictures.lying_tiff, _PICTURE),
    Bomb("film.gif", pictures.endless_gif, _PICTURE),
    *(
        Bomb(f"{name}.pdf", make, ("indexed", "partial", "failed"))
        for name, make in pdfs.HARMLESS.items()
    ),
    *(
        Bomb(f"{name}.pdf", make, ("indexed", "partial", "failed", "quarantined"), is_slow=True)
        for name, make in pdfs.HEAVY.items()
    ),
)
