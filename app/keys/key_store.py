"""The system's key store, where it has one that keeps what it is given from other users."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

log = logging.getLogger(__name__)

_SERVICE = "Pocket-LLM"
# keyring's own measure: below stand stores that are none, or that write plain text.
_SAFE = 1


def get(name: str) -> str | None:
    """Return what was put under a name; None if nothing was, or if the store refuses."""
    value: str | None = _try(lambda store: store.get_password(_SERVICE, name))
    return value


def put(name: str, value: str) -> bool:
    """Keep something under a name; False where there is no key store that can be used."""

    def keep(store: Any) -> bool:
        store.set_password(_SERVICE, name, value)
        return True

    return bool(_try(keep))


def delete(name: str) -> None:
    """Remove what was put under a name, if anything was."""
    _try(partial(_delete, name=name))


def _delete(store: Any, name: str) -> None:
    store.delete_password(_SERVICE, name)


def _try(use: Callable[[Any], Any]) -> Any:
    """Use the key store; None if there is none, or if it refuses."""
    try:
        import keyring

        store = keyring.get_keyring()
        return use(store) if store.priority >= _SAFE else None
    except Exception as error:  # noqa: BLE001 (each system's store raises errors of its own)
        log.warning("the key store refused: %s", type(error).__name__)
        return None
