"""The one entrance: arguments become a window, a command, or a worker role."""

from __future__ import annotations

import os
import sys

from app.offline.record import VARIABLE
from app.private import keep_private
from models.silence import silence

# What opens hostile files gives up more than the network, by itself.
_LOCAL = ("index", "llm", "preparer")
# What nobody waits for at the moment. Of the index worker that is a thread, not what searches.
_BEHIND = ("reader", "ocr")


def main(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status."""
    silence()
    arguments = sys.argv[1:] if arguments is None else arguments
    if VARIABLE in os.environ and arguments[:1] != ["--offline-job"]:
        from app.offline.hook import join

        join(_role(arguments))
    if arguments == ["--prepare-starters"]:
        # Before files become this user's alone: the starters are everybody's of an installation.
        from app.model_files.starters import prepare_starters

        return prepare_starters()
    keep_private()
    if arguments[:1] == ["--worker"]:
        return _work(arguments[1])
    if arguments[:1] == ["--offline-job"]:
        from app.offline.job import main as job

        return job(arguments[1:])
    if arguments == ["demo"]:
        from app.demo import main as demo

        return demo()
    from app.cli import run

    return run(arguments)


def _role(arguments: list[str]) -> str:
    """Return what a process is called in the receipt of a proof: its worker's role, or command."""
    if arguments[:1] == ["--worker"]:
        return arguments[1]
    return "command"


def _work(role: str) -> int:
    # Each role imports its own libraries only: a reader must start in a tenth of a second, and
    # torch must never meet FAISS in one process.
    from app.pipes.worker import Pipe

    pipe = Pipe.claim(role)
    if role in _LOCAL and sys.platform == "linux":
        from app.offline.filters import forgo_network

        forgo_network()
    if role in _BEHIND:
        from app.pausing.priority import give_way

        give_way()
    if role == "reader":
        from indexer.readers.service import serve as read

        read(pipe, pipe.write)
    elif role == "ocr":
        from indexer.readers.ocr.process import serve as recognise

        recognise(pipe, pipe.write)
    elif role == "index":
        from app.index_worker.service import serve as index

        index(pipe)
    elif role == "viewer":
        from app.viewer import serve as view

        view(pipe)
    elif role == "llm":
        from app.llm.service import serve as generate

        generate(pipe)
    elif role == "preparer":
        from app.model_files.preparer import serve as prepare

        prepare(pipe)
    elif role == "fetcher":
        from app.model_files.fetcher import serve as fetch

        fetch(pipe)
    else:
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
