"""add, sync, watch, retry, remove: what changes the library."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

from app.commands import Context
from app.commands.missing import forget_missing, note_missing, presence
from app.commands.scope import file_status, holds_any
from app.index_worker.language_fit import misfit
from app.index_worker.tagging import Learning
from app.library import open_embedder, open_engine, open_watcher, take_looks, take_out
from app.output import file_line, file_text
from app.paths import absolute
from app.pausing.pausing import Pausing, wait
from app.pausing.pressure import OVERRULED, SENTENCES, Reason
from indexer.engine import Engine, Progress, pending
from indexer.errors import IndexerError
from indexer.folders.watcher import Watcher
from indexer.storage.store import Folder
from indexer.types import FileStatus, State

_READ = frozenset({State.INDEXED, State.WORDS, State.PARTIAL, State.EMPTY})
_NOT_READ = frozenset({State.FAILED, State.QUARANTINED})
_ANSWERS = frozenset({Reason.ANSWER})
_ASK_EVERY = 0.2  # seconds
_FEW_CHUNKS = 30  # that a recognised page has


def add(context: Context, arguments: argparse.Namespace) -> int:
    """Add folders or files, then index until nothing is left to do."""
    paths = [absolute(path) for path in arguments.paths]
    with closing(_engine(context)) as engine:
        folders: list[Folder] = []
        missing = 0
        for path in paths:
            try:
                folders.append(engine.add(path))
            except IndexerError as error:
                # One wrong path must not keep the others from being added.
                context.output.error(f"{path}: {error}")
                missing += 1
        if folders:
            _index(context, engine, folders, words_only=arguments.words_only)
    for path in paths:
        # What was named is accounted for, even if it was left out long ago.
        item = file_status(context, path)
        if item is not None and item.state in (State.SKIPPED, State.EMPTY):
            context.output.text(file_text(item))
    return 1 if missing else 0


def sync(context: Context, arguments: argparse.Namespace) -> int:
    """Compare all folders with the disk once, then index until nothing is left to do."""
    with closing(_engine(context)) as engine:
        folders = engine.store.folders()
        if forgotten := getattr(arguments, "forget_missing", None):
            forget_missing(context, engine, [absolute(path) for path in forgotten])
        _index(context, engine, folders, words_only=arguments.words_only)
    return 0


def watch(context: Context, arguments: argparse.Namespace) -> int:
    """Do what `sync` does, then again for whatever changes, until interrupted."""
    with closing(_engine(context)) as engine:
        folders = engine.store.folders()
        if not folders:
            context.output.error("The library is empty. `add FOLDER` puts documents into it.")
            return 1
        watcher = open_watcher(context.profile, folders)
        with closing(watcher):
            watcher.start()  # before the comparison, so that nothing falls between the two
            look = partial(_look, context, engine, watcher)
            words_only: bool = arguments.words_only
            minds = _ANSWERS if arguments.anyway else frozenset(Reason)
            pausing = Pausing(context.profile, minds=minds)
            engine.awaited = lambda: pausing.due

            def meanwhile() -> list[FileStatus]:
                return [*look(), *wait(pausing, engine, partial(_say_why, context))]

            _index(context, engine, folders, words_only=words_only, meanwhile=meanwhile)
            learning = Learning(context.profile)
            context.output.note("Watching the folders of the library. Ctrl+C ends it.")
            while True:
                forgotten = engine.forgotten
                pausing.rest()
                found = look()
                changed = (
                    found or engine.forgotten > forgotten or engine.store.queue.count_waiting()
                )
                if changed:
                    _index(
                        context, engine, [], words_only=words_only, found=found,
                        meanwhile=meanwhile,
                    )  # fmt: skip
                elif not engine.audit() and not learning.step(engine):
                    time.sleep(_ASK_EVERY)


def retry(context: Context, arguments: argparse.Namespace) -> int:
    """Try failed and quarantined files again."""
    paths = [absolute(path) for path in arguments.paths]
    with closing(_engine(context)) as engine:
        for path in paths:
            if not holds_any(context, (path,)):
                raise IndexerError(
                    "This is not in the library.", "`status --files` lists what is.", path
                )
        count = engine.store.queue.retry(paths)
        context.output.note(f"{count} {'file' if count == 1 else 'files'} to try again.")
        # What could not be listed is a folder: only a look at the disk brings its files.
        folders = engine.store.folders() if count else []
        _index(context, engine, folders, words_only=False)
    return 0


def remove(context: Context, arguments: argparse.Namespace) -> int:
    """Take folders out of the library and erase what was stored of them."""
    with closing(_engine(context)) as engine:
        added = {folder.path for folder in engine.store.folders()}
        for path in map(absolute, arguments.paths):
            if path not in added and holds_any(context, (path,)):
                raise IndexerError(
                    "This is a part of a folder of the library.",
                    "`exclude` with this path leaves it out; `status` lists the folders.",
                    path,
                )
            take_out(context.profile, engine, [path])
            context.output.text(f"{path} was taken out of the library; its files are untouched.")
            context.output.line({"type": "removed", "path": str(path)})
        while engine.erase():
            pass
        if engine.store.is_erasing:
            context.output.note(
                "Something reads the library at this moment: the last of it is erased when the "
                "library is opened for a change the next time."
            )
    return 0


def _engine(context: Context) -> Engine:
    embedder = open_embedder(context.profile, context.settings)
    if embedder is None:
        context.output.note(
            f"The encoder “{context.settings.encoder}” is not prepared: "
            "files will be searchable by word only."
        )
    return open_engine(context.profile, embedder)


def _look(context: Context, engine: Engine, watcher: Watcher) -> list[FileStatus]:
    """Compare the folders that are due; return the files that this settled, printed."""
    for note in watcher.notes():
        context.output.note(note)
    due = watcher.due()
    if not due:
        return []
    said = presence(engine)
    settled = take_looks(engine, watcher, due)
    note_missing(context, engine, {folder.path for folder in engine.store.folders()}, said)
    for item in settled:
        _print_file(context, item)
    return settled


def _index(
    context: Context,
    engine: Engine,
    folders: list[Folder],
    *,
    words_only: bool,
    found: Iterable[FileStatus] = (),
    meanwhile: Callable[[], list[FileStatus]] | None = None,
) -> None:
    """Compare `folders`, then index until nothing is left to do, and print what became final.

    `found` was final and printed before; `meanwhile` is called between two steps and returns more
    of this kind. Without it only an answer that is being written is waited for.
    """
    if meanwhile is None:
        pausing = Pausing(context.profile, minds=_ANSWERS)
        engine.awaited = lambda: pausing.due
        meanwhile = partial(wait, pausing, engine, partial(_say_why, context))
    started = time.monotonic()
    final: dict[Path, FileStatus] = {item.path: item for item in found}
    held: set[Path] = set()  # what is said of them will change
    for folder in folders:
        for item in engine.reconcile(folder):
            final[item.path] = item
            _print_file(context, item)
    if folders:
        note_missing(context, engine, {folder.path for folder in folders})
    total = engine.progress()
    stage_started, last = time.monotonic(), total
    for changed in pending(engine, words_only=words_only):
        final |= {item.path: item for item in meanwhile()}
        left = engine.progress()
        for item in changed:
            final[item.path] = item
            # With each page that OCR reads it is another part that is missing.
            waits = item.state is State.WORDS or (item.state is State.PARTIAL and left.pages)
            (held.add if waits else held.discard)(item.path)
            if not waits:
                _print_file(context, item)
        if _stage(left) != _stage(last) or left.pages > total.pages:
            total, stage_started = left, time.monotonic()
        last = left
        _show_progress(context, total, left, stage_started)
    context.output.clear()
    for item in final.values():
        if item.path in held:
            _print_file(context, item)
    _print_done(context, final, time.monotonic() - started)
    if not words_only:
        encoder = context.settings.encoder
        # Of an encoder that is not in the catalogue only the window knows what it reads.
        if said := misfit(engine.store.contents, encoder, reads_cjk=True):
            context.output.note(" ".join(said))


def _say_why(context: Context, reason: Reason | None) -> None:
    """Say why the indexing waits, or that it goes on."""
    context.output.line({"type": "waits", "reason": reason})
    if reason is None:
        context.output.note("Indexing goes on.")
        return
    anyway = " `watch --anyway` does not wait." if reason in OVERRULED else ""
    context.output.note(f"Indexing waits: {SENTENCES[reason]}.{anyway}")


def _stage(left: Progress) -> str:
    """Return what is being done. A page that was recognised is embedded before the next one."""
    if left.files:
        return "Reading files"
    return "Embedding passages" if left.chunks > _FEW_CHUNKS or not left.pages else "Reading pages"


def _show_progress(context: Context, all_: Progress, rest: Progress, since: float) -> None:
    # Words first: as long as a file waits, the passages to embed are still becoming more.
    what = _stage(rest)
    total, left = {
        "Reading files": (all_.files, rest.files),
        "Embedding passages": (max(all_.chunks, rest.chunks), rest.chunks),
        "Reading pages": (all_.pages, rest.pages),
    }[what]
    if not total:
        return
    done = total - left
    elapsed = time.monotonic() - since
    estimate = elapsed / done * left if done and elapsed > 1 else None
    context.output.progress(what, done, total, estimate)


def _print_file(context: Context, item: FileStatus) -> None:
    context.output.line(file_line(item))
    if item.state in _NOT_READ or item.state is State.PARTIAL:
        context.output.text(file_text(item))


def _print_done(context: Context, final: dict[Path, FileStatus], seconds: float) -> None:
    states = Counter(item.state for item in final.values())
    done = {
        "type": "done",
        "files": len(final),
        "indexed": states[State.INDEXED] + states[State.WORDS] + states[State.PARTIAL],
        "skipped": states[State.SKIPPED],
        "failed": sum(states[state] for state in _NOT_READ),
        "empty": states[State.EMPTY],
        "chunks": sum(item.chunks for item in final.values()),
        "seconds": round(seconds, 3),
    }
    context.output.line(done)
    context.output.text(
        f"{done['indexed']} files indexed ({done['chunks']} passages), {done['empty']} empty, "
        f"{done['skipped']} skipped, {done['failed']} failed, in {seconds:.1f} s."
    )
    if encrypted := sum(item.wants_password for item in final.values()):
        context.output.note(f"Encrypted: {encrypted}. `unlock PATH` asks for a file's password.")
