"""The commands of the command line: arguments in, exit status out."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType

from app import __version__
from app.commands import Context
from app.commands.arguments import path, positive, seconds
from app.commands.model_parsers import add_model_commands
from app.commands.parsers import (
    add_chat_commands,
    add_encrypt_command,
    add_lesson_commands,
    add_moving_commands,
    add_quality_command,
    add_specialist_commands,
    add_tag_commands,
)
from app.commands.scope import add_scope_options, add_status_options, whole_text
from app.keys.library_key import PassphraseOwner
from app.output import Output
from app.paths import Profile, absolute, default_profile
from app.place import require_own_place
from indexer.errors import IndexerError
from models.errors import ModelError

log = logging.getLogger(__name__)

DONE, FAILED, INTERRUPTED = 0, 1, 130

_Command = Callable[[Context, argparse.Namespace], int]


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    _use_utf8()
    parser = _parser()
    parsed = parser.parse_args(arguments)
    # SQLite is loaded behind --help and --version, which have no use for it.
    from indexer.storage.database import in_words
    from indexer.storage.encryption import ask_for_keys

    if "batch" in parsed:
        _require_one_source(parser, parsed)
    output = Output(as_json=parsed.json, quiet=parsed.quiet)
    profile = Profile(absolute(parsed.profile)) if parsed.profile else default_profile()
    interruption = _Interruption()
    interruption.listen()
    _log_to(profile.logs / "pocket-llm.log")
    owner = PassphraseOwner(absolute(parsed.passphrase_file) if parsed.passphrase_file else None)
    ask_for_keys(owner.key_of)
    try:
        require_own_place(profile.root, any_place=parsed.any_place)
        profile.create()
        command: _Command = parsed.load()
        with in_words(profile.database):
            status = command(Context(profile, output, owner), parsed)
        sys.stdout.flush()
        if status and interruption.has_come:
            raise KeyboardInterrupt
    except BrokenPipeError:
        # Whoever read us has enough, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, Exception) as error:
        if interruption.has_come or isinstance(error, KeyboardInterrupt):
            output.error("Interrupted. What was done until now is kept.")
            return INTERRUPTED
        sentence = _sentence(error, profile)
        if sentence is None:
            raise
        output.error(sentence)
        return FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pocket-llm",
        description="Ask your own documents on your own computer, offline.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--profile", type=path, metavar="DIR", help="keep all data of this run in DIR"
    )
    parser.add_argument(
        "--any-place",
        action="store_true",
        help="also where DIR is of the network, or copied by a cloud service",
    )
    parser.add_argument(
        "--passphrase-file",
        type=path,
        metavar="FILE",
        help="a file whose first line is the passphrase of an encrypted library",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--quiet", action="store_true", help="print no progress")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    parser.set_defaults(load=_load_window)
    _add_library_commands(commands)
    _add_finding_commands(commands)
    add_model_commands(commands)
    _add_doctor_command(commands)
    add_chat_commands(commands)
    add_lesson_commands(commands)
    add_moving_commands(commands)
    add_tag_commands(commands)
    add_specialist_commands(commands)
    add_encrypt_command(commands)
    add_quality_command(commands)
    return parser


def _load_window() -> _Command:
    def window(context: Context, _arguments: argparse.Namespace) -> int:
        try:
            from app.window import missing_display, open_window
        except ImportError as error:
            # On Linux, Qt needs libraries of the system that a server may lack.
            log.warning("Qt cannot be loaded")
            raise IndexerError(
                "The window cannot be opened: a library that it needs is missing.",
                f"Install it ({error.name or error}); the commands work without: --help.",
            ) from error
        if sentence := missing_display():
            context.output.error(sentence)
            return FAILED
        return open_window(context.profile)

    return window


_Commands = argparse._SubParsersAction


def _add_library_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import library

            command: _Command = getattr(library, name)
            return command

        return loader

    def load_status() -> _Command:
        from app.commands.status import status

        return status

    def load_unlock() -> _Command:
        from app.commands.unlock import unlock

        return unlock

    add = commands.add_parser("add", help="add folders or files and index them")
    add.add_argument("paths", nargs="+", type=path, metavar="PATH")
    sync = commands.add_parser("sync", help="compare all folders with the disk and index")
    sync.set_defaults(load=load("sync"))
    sync.add_argument(
        "--forget-missing",
        action="append",
        type=path,
        metavar="PATH",
        help="forget the files under PATH that are kept although they are gone (repeatable)",
    )
    watch = commands.add_parser("watch", help="sync, then keep watching the folders")
    watch.set_defaults(load=load("watch"))
    watch.add_argument(
        "--anyway",
        action="store_true",
        help="do not wait for mains, for memory, or until other programs are done",
    )
    add.set_defaults(load=load("add"))
    for parser in (add, sync, watch):
        parser.add_argument(
            "--words-only", action="store_true", help="stop when all is searchable by word"
        )
    status = commands.add_parser("status", help="show what the library holds")
    add_status_options(status)
    status.set_defaults(load=load_status)
    retry = commands.add_parser("retry", help="try again what could not be read")
    retry.add_argument("paths", nargs="*", type=path, metavar="PATH")
    retry.set_defaults(load=load("retry"))
    _add_exclude_command(commands)
    _add_ocr_command(commands)
    unlock = commands.add_parser("unlock", help="read an encrypted file by its password")
    unlock.add_argument("path", type=path, metavar="PATH")
    unlock.add_argument(
        "--keep", action="store_true", help="keep the password in the system's key store"
    )
    unlock.set_defaults(load=load_unlock)
    remove = commands.add_parser("remove", help="take folders out of the library")
    remove.add_argument("paths", nargs="+", type=path, metavar="PATH")
    remove.set_defaults(load=load("remove"))


def _add_ocr_command(commands: _Commands[argparse.ArgumentParser]) -> None:
    def load() -> _Command:
        from app.commands.ocr import ocr

        return ocr

    ocr = commands.add_parser("ocr", help="read the text of pictures and scans, or not")
    ocr.add_argument("switch", nargs="?", choices=["on", "off"])
    ocr.set_defaults(load=load)


def _add_exclude_command(commands: _Commands[argparse.ArgumentParser]) -> None:
    def load() -> _Command:
        from app.commands.exclude import exclude

        return exclude

    exclude = commands.add_parser("exclude", help="leave files or folders out, or list what is")
    exclude.add_argument("patterns", nargs="*", type=whole_text, metavar="PATH|PATTERN")
    exclude.add_argument("--remove", action="store_true", help="leave these out no longer")
    exclude.add_argument(
        "--gitignore", choices=["on", "off"], help="whether .gitignore files of repositories count"
    )
    exclude.add_argument(
        "--larger-than", type=positive, metavar="MB", help="leave out files above this size (256)"
    )
    exclude.set_defaults(load=load, words_only=False)


def _add_finding_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    def load_search() -> _Command:
        from app.commands.search import search

        return search

    def load_ask() -> _Command:
        from app.commands.ask import ask

        return ask

    search = commands.add_parser("search", help="find passages")
    search.add_argument("query", nargs="*", type=whole_text, metavar="QUERY")
    search.add_argument("-k", type=positive, default=10, metavar="N", help="how many (10)")
    search.add_argument("--mode", choices=["hybrid", "words", "meaning"], default="hybrid")
    search.set_defaults(load=load_search)
    ask = commands.add_parser("ask", help="answer a question from the documents")
    ask.add_argument("question", nargs="*", type=whole_text, metavar="QUESTION")
    ask.add_argument("--model", metavar="NAME", help="another model than the chosen one")
    ask.add_argument("--max-tokens", type=positive, default=256, metavar="N")
    ask.add_argument("--seconds", type=seconds, metavar="N", help="time for reading passages")
    ask.add_argument(
        "--plain", "--no-documents", dest="no_documents", action="store_true",
        help="chat without documents",
    )  # fmt: skip
    ask.add_argument(
        "--anyway", action="store_true", help="answer although the documents don't seem to"
    )
    ask.add_argument("--chat", type=whole_text, metavar="ID", help="go on with a conversation")
    ask.set_defaults(load=load_ask)
    _add_document_commands(commands)
    for parser in (search, ask):
        parser.add_argument("--batch", type=path, metavar="FILE", help="a JSON object a line")
        add_scope_options(parser)


def _add_document_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    def load() -> _Command:
        from app.commands.compare import compare_documents

        return compare_documents

    def load_summarise() -> _Command:
        from app.commands.summarise import summarise_document

        return summarise_document

    compare = commands.add_parser("compare", help="what two documents say otherwise")
    compare.add_argument("old", type=path, metavar="OLD")
    compare.add_argument("new", type=path, metavar="NEW")
    compare.set_defaults(load=load)
    summarise = commands.add_parser("summarise", help="what a document says, section by section")
    summarise.add_argument("path", type=path, metavar="PATH")
    summarise.add_argument(
        "--model", nargs="?", const="chosen", metavar="NAME",
        help="have a model write it: the chosen one, or NAME",
    )  # fmt: skip
    summarise.set_defaults(load=load_summarise)


def _add_doctor_command(commands: _Commands[argparse.ArgumentParser]) -> None:
    def load_doctor() -> _Command:
        from app.commands.doctor import doctor

        return doctor

    def load_proof() -> _Command:
        from app.commands.offline_proof import offline_proof

        return offline_proof

    def load_check() -> _Command:
        from app.commands.consistency import check

        return check

    def load_repair() -> _Command:
        from app.commands.consistency import repair

        return repair

    doctor = commands.add_parser("doctor", help="check the installation")
    doctor.add_argument(
        "--offline-proof",
        action="store_const",
        dest="load",
        const=load_proof,
        help="do the main job where every attempt to reach a network is refused and noted",
    )
    doctor.add_argument(
        "--check", action="store_const", dest="load", const=load_check,
        help="compare the library with itself",
    )  # fmt: skip
    doctor.add_argument(
        "--repair", action="store_const", dest="load", const=load_repair,
        help="mend the library, and read again what has to be",
    )  # fmt: skip
    doctor.set_defaults(load=load_doctor)


def _require_one_source(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> None:
    typed = " ".join(parsed.query if "query" in parsed else parsed.question)
    if parsed.batch is None and not typed.strip():
        parser.error(f"write something to {parsed.command}, or --batch FILE")
    if parsed.batch is not None and typed:
        parser.error(f"--batch FILE takes the place of “{typed}”; write only one of them")


def _use_utf8() -> None:
    # What a closed stream leaves free would become the number of the next file that is opened.
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 -- for good
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 -- for good
    # A name that is not UTF-8 must not end a command; a Windows console may be of another code.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


class _Interruption:
    """Ctrl-C, or the system's wish that a command ends.

    What fails after it has come is no failure: a library that was interrupted while it loads may
    say that it cannot be imported, and a worker that a terminal interrupted too is gone.
    """

    has_come = False

    def listen(self) -> None:
        """Raise KeyboardInterrupt when a signal comes, unless this process was told to ignore it.

        A shell tells that to what it runs in the background.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._come)

    def _come(self, _number: int, _frame: FrameType | None) -> None:
        self.has_come = True
        raise KeyboardInterrupt


def _log_to(path: Path) -> None:
    logging.raiseExceptions = False  # that a log cannot be written is no fault of the command
    handler = RotatingFileHandler(path, maxBytes=2**20, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    # Libraries may log what they were given; we only keep what we wrote ourselves.
    for name in ("app", "indexer", "models"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False


def _sentence(error: BaseException, profile: Profile) -> str | None:
    """Return what went wrong and what to do; None if only a programmer can tell."""
    if isinstance(error, IndexerError | ModelError):
        where = getattr(error, "path", None)
        return f"{where}: {error}" if where else str(error)
    if isinstance(error, OSError):
        log.warning("a command failed with %s", type(error).__name__)
        return _os_sentence(error, profile)
    return None


def _os_sentence(error: OSError, profile: Profile) -> str:
    import errno

    if error.errno == errno.ENOSPC:
        return "The disk is full. Free some space; everything that was done until now is kept."
    if not profile.logs.is_dir() and error.errno in (errno.EEXIST, errno.ENOTDIR, errno.ENOENT):
        return f"{profile.root} cannot be made a folder. Choose another place with --profile DIR."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{profile.root} cannot be written to. Choose another place with --profile DIR."
    return f"The system refused: {error.strerror or 'unknown error'}. Try again."
