"""JSON lines and dataclasses: how messages are written on a pipe and read back."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import types
import typing
from enum import Enum
from pathlib import Path, PurePath
from typing import Any


class ProtocolError(Exception):
    """A line that is no message of ours."""


def encode(data: dict[str, Any]) -> bytes:
    """Write one JSON line, in ASCII, so that surrogate escapes survive."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), default=os.fspath)
    return text.encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read one JSON line. Raises ProtocolError."""
    try:
        data = json.loads(line)
    except ValueError as error:
        raise ProtocolError("A line that is not JSON.") from error
    if not isinstance(data, dict):
        raise ProtocolError("A line that is not an object.")
    return data


def take_apart(value: Any) -> Any:
    """Turn a value into what encode() takes: dataclasses become dicts, tuples lists.

    dataclasses.asdict would copy each path deeply: 0.1 s for ten thousand of them.
    """
    if dataclasses.is_dataclass(value):
        names = (field.name for field in dataclasses.fields(value))
        return {name: take_apart(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [take_apart(item) for item in value]
    return value


def rebuild(kind: Any, data: Any) -> Any:
    """Turn decoded JSON back into a value of the type `kind`. Raises ProtocolError.

    Knows what messages are made of: dataclasses, tuples of one type, paths, enums, optional values
    and what JSON has itself.
    """
    try:
        return _rebuild(kind, data)
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError("A line that is no message of ours.") from error


def _rebuild(kind: Any, data: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        make: Any = kind
        hints = _hints(make)
        return make(**{name: _rebuild(hints[name], value) for name, value in data.items()})
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        chosen = [item for item in typing.get_args(kind) if item is not types.NoneType]
        return None if data is None else _rebuild(chosen[0], data)
    if origin is tuple:
        if not isinstance(data, list):
            raise TypeError
        return tuple(_rebuild(typing.get_args(kind)[0], item) for item in data)
    if isinstance(kind, type) and issubclass(kind, PurePath | Enum):
        return (Path if issubclass(kind, PurePath) else kind)(data)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind):
        raise TypeError
    return data


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
