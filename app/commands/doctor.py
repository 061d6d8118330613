"""doctor: checks the whole installation by doing the main job on a document of its own."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw

from app import settings
from app.ask import Question
from app.commands import Context
from app.library import has_ocr, open_embedder, open_engine, open_searcher
from app.llm.process import LlmProcess
from app.messages.llm import Generated
from app.model_files.installed import find_llm
from app.paths import Profile, repair, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from app.settings import Settings
from indexer.engine import pending
from indexer.errors import IndexerError
from models.errors import ModelError, ModelMissing

_DOCUMENT = (
    "# The clock in the hall\n\nThe clock in the hall was built in Besançon in 1887. "
    "It is wound every eight days, on Sunday evening.\n"
)
_QUESTION = "In which year was the clock in the hall built?"
_FACT = "1887"
_LEAST_FREE = 2**30
_START = 30.0  # seconds that a reader may take from a cold disk


def doctor(context: Context, _arguments: argparse.Namespace) -> int:
    """Print a line a check, and what to mend; 1 if something has to be mended."""
    profile, chosen = context.profile, context.settings
    checks: list[tuple[str, Callable[[], str]]] = [
        ("program", _program),
        ("profile", lambda: _profile(profile)),
        ("disk space", lambda: _space(profile)),
        ("readers", _readers),
        ("text recognition", lambda: _ocr(chosen)),
        ("encoder", lambda: _encoder(profile, chosen)),
        ("language model", lambda: _llm(profile, chosen)),
        ("main job", lambda: _main_job(chosen, profile)),
    ]
    healthy = True
    for name, check in checks:
        try:
            detail, good = check(), True
        except (IndexerError, ModelError) as error:
            detail, good = str(error), False
        except OSError as error:
            detail, good = f"The system refused: {error.strerror}.", False
        healthy &= good
        context.output.line({"type": "check", "name": name, "ok": good, "detail": detail})
        context.output.text(f"{'ok  ' if good else 'MEND'}  {name}: {detail}")
    context.output.line({"type": "done", "ok": healthy})
    return 0 if healthy else 1


def _program() -> str:
    return f"Python {sys.version.split()[0]}, SQLite {apsw.sqlite_lib_version()}"


def _profile(profile: Profile) -> str:
    with tempfile.TemporaryFile(dir=profile.root) as file:
        file.write(b"1")
    if profile.database.exists():
        with closing(open_searcher(profile, None)) as searcher:
            searcher.search("clock", 1)
    return str(profile.root)


def _space(profile: Profile) -> str:
    free = shutil.disk_usage(profile.root).free
    if free < _LEAST_FREE:
        raise IndexerError(
            f"Only {free // 2**20} MB are free.", "Free at least 1 GB for the library and models."
        )
    return f"{free / 1e9:.0f} GB free"


def _readers() -> str:
    """Start a reader and say what it has given up, and what this system cannot withhold."""
    with closing(Worker(worker_command("reader"))) as reader:
        try:
            ready = reader.receive(_START)
        except WorkerGone:
            ready = None
    if ready is None:
        raise IndexerError("The reader of documents does not start.", repair())
    given_up = ready["confinement"]
    names = {"network": "the network", "writing": "writing", "processes": "other processes"}
    withheld = [words for name, words in names.items() if given_up[name]]
    lacking = [words for name, words in names.items() if not given_up[name]]
    parts = ["memory is bounded" if given_up["memory"] else "memory is watched from outside"]
    if withheld:
        parts.append(f"kept from {_listed(withheld)}")
    if lacking:
        parts.append(f"this system has no means to keep them from {_listed(lacking)}")
    return "; ".join(parts)


def _ocr(chosen: Settings) -> str:
    """Start the process, which loads its models before it says that it is ready."""
    if not has_ocr():
        return f"not installed; pictures wait. {repair()}"
    with closing(Worker(worker_command("ocr"))) as process:
        try:
            ready = process.receive(_START)
        except WorkerGone:
            ready = None
    if ready is None:
        raise IndexerError("The recognition of text does not start.", repair())
    return "ready" if chosen.ocr else "ready, switched off"


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _encoder(profile: Profile, chosen: Settings) -> str:
    embedder = open_embedder(profile, chosen)
    if embedder is None:
        raise ModelMissing(
            f"The encoder “{chosen.encoder}” is not prepared.",
            f"{repair()} Or choose another with `models use NAME`.",
        )
    near, far = embedder.embed_passages(["A dog sleeps.", "Interest rates rose."]) @ (
        embedder.embed_query("a sleeping dog")
    )
    if not near > far:
        raise ModelError("The encoder gives wrong vectors.", "Prepare it again.")
    return f"{chosen.encoder}, {embedder.dimensions} dimensions"


def _llm(profile: Profile, chosen: Settings) -> str:
    return str(find_llm(profile, chosen.llm).name)


def _main_job(chosen: Settings, real: Profile) -> str:
    """Add a document, find its passage, and have the model write from it."""
    with tempfile.TemporaryDirectory(prefix="pocket-llm-doctor-") as folder:
        profile = Profile(Path(folder) / "profile")
        profile.create()
        settings.save(chosen, profile.settings)
        document = Path(folder) / "clock.md"
        document.write_text(_DOCUMENT, "utf-8")
        embedder = open_embedder(real, chosen)
        with closing(open_engine(profile, embedder)) as engine:
            engine.reconcile(engine.add(document))
            for _ in pending(engine):
                pass
        with closing(open_searcher(profile, embedder)) as searcher:
            hits = searcher.search(_QUESTION)
            evidence = searcher.evidence(_QUESTION, hits)
        if not evidence or _FACT not in evidence[0].quote:
            raise IndexerError("A document was added but its passage was not found.", "")
        question = Question("doctor", _QUESTION)
        question.found(hits, evidence)
        model = find_llm(real, chosen.llm)
        with closing(LlmProcess(profile, model, 1024)) as llm:
            request = question.request(reading_budget=400, reading_seconds=None, max_tokens=24)
            for message in llm.generate(request):
                if isinstance(message, Generated) and message.answer_tokens:
                    return (
                        f"read, found, answered at {message.tokens_per_s:.0f} tokens/s "
                        f"by {model.stem}"
                    )
    raise ModelError("The model wrote nothing.", "Choose another with `models use NAME`.")
