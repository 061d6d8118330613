"""Which encoder answers: another than the chosen one, while the library is embedded anew."""

from __future__ import annotations

import logging
from contextlib import closing, suppress
from pathlib import Path

from app.model_files.installed import ENCODER, installed
from app.paths import Profile
from indexer.errors import IndexerError
from indexer.storage.contents import count_vectors
from indexer.storage.database import open_for_reading
from indexer.types import Embedder
from models.encoder_files import name_of, read_card
from models.errors import ModelError

log = logging.getLogger(__name__)


def serving(profile: Profile, embedder: Embedder | None) -> Embedder | None:
    """Return the encoder that most of the library was embedded by, if it is on this machine.

    That is the chosen `embedder` but after a change of it, until it has caught up: an encoder
    without vectors finds nothing by meaning.
    """
    if embedder is None or not profile.database.exists():
        return embedder
    from models.embedder import OpenVinoEmbedder

    try:
        with closing(open_for_reading(profile.database)) as db:
            counts = count_vectors(db)
    except IndexerError:
        return embedder  # whoever opens the library says what is wrong
    for name in sorted(counts, key=counts.__getitem__, reverse=True):
        if counts[name] <= counts.get(embedder.name, 0):
            break
        folder = _folder_of(profile, name)
        if folder is not None:
            with suppress(ModelError):
                return OpenVinoEmbedder(folder)
            log.warning("the encoder of the library's vectors does not load")
    return embedder


def _folder_of(profile: Profile, name: str) -> Path | None:
    for model in installed(profile):
        if model.kind == ENCODER:
            with suppress(ModelError):
                if name_of(read_card(model.path)) == name:
                    return model.path
    return None
