"""The viewer: renders pages of documents, which are hostile, where a crash harms nobody."""

from __future__ import annotations

import base64
import zlib

from app.messages.general import Failed
from app.messages.viewer import PageBox, PageRendered, RenderPage
from app.messages.wire import from_wire, to_wire
from app.pipes.worker import Pipe
from indexer.errors import IndexerError
from indexer.readers.confinement.limits import confine
from indexer.readers.ocr.picture import is_picture, show
from indexer.readers.pdf.page import render_page


def serve(pipe: Pipe) -> None:
    """Answer RenderPage until end-of-file."""
    confine()
    for data in pipe:
        message = from_wire(data)
        if not isinstance(message, RenderPage):
            continue
        try:
            picture = (
                show(message.path, message.page, message.width)
                if is_picture(message.path)
                else render_page(
                    message.path, message.page, message.width, message.quote, message.password
                )
            )
        except OSError:
            title = "This file could not be opened."
            pipe.write(to_wire(Failed(message.id, title, "Open the document instead.")))
            continue
        except IndexerError as error:
            pipe.write(to_wire(Failed(message.id, error.title, error.detail)))
            continue
        except MemoryError:
            title = "This page needs more memory than is allowed."
            pipe.write(to_wire(Failed(message.id, title, "Open the document instead.")))
            continue
        pixels = base64.b64encode(zlib.compress(picture.pixels, 1)).decode("ascii")
        boxes = tuple(PageBox(box.left, box.top, box.right, box.bottom) for box in picture.boxes)
        size = (picture.width, picture.height, picture.stride, picture.pages)
        pipe.write(to_wire(PageRendered(message.id, *size, pixels, boxes, picture.label)))
