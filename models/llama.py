"""llama.cpp's calls: imported once, with its log on ours."""

from __future__ import annotations

import functools
import logging
from typing import Any

log = logging.getLogger(__name__)

last_errors: list[str] = []


@functools.cache
def llama() -> Any:
    """Import llama.cpp's calls once, with its log on ours."""
    from llama_cpp import llama_cpp

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def on_log(level: int, text: bytes | None, _data: Any) -> None:
        line = (text or b"").decode("utf-8", "replace").rstrip()
        if level == 4 or "error" in line:  # GGML_LOG_LEVEL_ERROR
            last_errors.append(line)
            del last_errors[:-20]
        if line and line != ".":
            log.debug("llama.cpp: %s", line)

    llama_cpp.llama_log_set(on_log, None)
    llama_cpp.on_log = on_log  # ctypes frees a callback that nobody holds
    llama_cpp.llama_backend_init()
    return llama_cpp
