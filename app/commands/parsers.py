"""How the commands for conversations, lessons, moving on with a library and its key are written."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.commands import Context
from app.commands.arguments import path, positive
from app.commands.scope import whole_text

_Command = Callable[[Context, argparse.Namespace], int]
_Commands = argparse._SubParsersAction


def add_chat_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add chats with its actions."""

    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import chats

            command: _Command = getattr(chats, name)
            return command

        return loader

    chats = commands.add_parser("chats", help="list, show, rename, export or erase conversations")
    actions = chats.add_subparsers(dest="action", metavar="ACTION")
    chats.set_defaults(load=load("list_all"))
    for name, count in (("list", "*"), ("search", "+")):
        listing = actions.add_parser(name, help="a line each, or those that hold these words")
        listing.add_argument("words", nargs=count, type=whole_text, metavar="TEXT")
        listing.set_defaults(load=load("list_all"))
    show = actions.add_parser("show", help="what was asked and answered")
    show.add_argument("id", metavar="ID")
    show.set_defaults(load=load("show"))
    rename = actions.add_parser("rename", help="another title")
    rename.add_argument("id", metavar="ID")
    rename.add_argument("title", type=whole_text, metavar="TEXT")
    rename.set_defaults(load=load("rename"))
    delete = actions.add_parser("delete", help="erase them")
    delete.add_argument("ids", nargs="+", metavar="ID")
    delete.set_defaults(load=load("delete"))
    export = actions.add_parser("export", help="write one as Markdown (.md) or JSON (.json)")
    export.add_argument("id", metavar="ID")
    export.add_argument("file", type=path, metavar="FILE")
    export.set_defaults(load=load("export"))
    _add_selections_command(commands)


def _add_selections_command(commands: _Commands[argparse.ArgumentParser]) -> None:
    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import selections

            command: _Command = getattr(selections, name)
            return command

        return loader

    selections = commands.add_parser("selections", help="names for what is asked about together")
    actions = selections.add_subparsers(dest="action", metavar="ACTION")
    selections.set_defaults(load=load("list_all"))
    actions.add_parser("list", help="a line each").set_defaults(load=load("list_all"))
    save = actions.add_parser("save", help="give folders and files a name")
    save.add_argument("name", type=whole_text, metavar="NAME")
    save.add_argument(
        "--in", dest="inside", action="append", required=True, metavar="PATH",
        help="this folder or file (may be repeated)",
    )  # fmt: skip
    save.add_argument(
        "--adapter", type=whole_text, metavar="NAME",
        help="answer questions inside with this LoRA adapter",
    )  # fmt: skip
    save.set_defaults(load=load("save"))
    delete = actions.add_parser("delete", help="forget a name")
    delete.add_argument("name", type=whole_text, metavar="NAME")
    delete.set_defaults(load=load("delete"))


def add_lesson_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add teach, and lessons with its actions."""

    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import lessons

            command: _Command = getattr(lessons, name)
            return command

        return loader

    teach = commands.add_parser("teach", help="say which passage answers, or what a phrase means")
    teach.add_argument("question", nargs="*", type=whole_text, metavar="QUESTION")
    what = teach.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--passage", type=positive, metavar="ID", help="this chunk of `--json search` answers it"
    )
    what.add_argument(
        "--not", dest="refused", type=positive, metavar="ID", help="this chunk does not answer it"
    )
    what.add_argument("--means", type=whole_text, metavar="PHRASE", help="by it I mean PHRASE")
    what.add_argument("--batch", type=path, metavar="FILE", help="a JSON object a line")
    teach.set_defaults(load=load("teach"))
    lessons = commands.add_parser("lessons", help="list, take back, export or import lessons")
    actions = lessons.add_subparsers(dest="action", metavar="ACTION")
    lessons.set_defaults(load=load("list_all"))
    listing = actions.add_parser("list", help="a line each, with what it does to its question")
    listing.add_argument("--plain", action="store_true", help="without that: each takes a search")
    listing.set_defaults(load=load("list_all"))
    undo = actions.add_parser("undo", help="take them back")
    undo.add_argument("ids", nargs="+", type=positive, metavar="ID")
    undo.set_defaults(load=load("undo"))
    for name, function, text in (
        ("export", "export", "write all of them to a file"),
        ("import", "import_", "add those of a file"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("file", type=path, metavar="FILE")
        action.set_defaults(load=load(function))


def add_moving_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add backup, restore and relink."""

    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import moving

            command: _Command = getattr(moving, name)
            return command

        return loader

    backup = commands.add_parser("backup", help="write the whole library to one file")
    backup.add_argument("file", type=path, metavar="FILE")
    backup.set_defaults(load=load("backup"))
    restore = commands.add_parser("restore", help="put the library of such a file back")
    restore.add_argument("file", type=path, metavar="FILE")
    restore.set_defaults(load=load("restore"))
    relink = commands.add_parser("relink", help="the same documents stand elsewhere now")
    relink.add_argument("old", type=path, metavar="OLD")
    relink.add_argument("new", type=path, metavar="NEW")
    relink.add_argument(
        "--anyway", action="store_true", help="even if most files of OLD are not in NEW"
    )
    relink.set_defaults(load=load("relink"))


def add_quality_command(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add quality."""

    def load() -> _Command:
        from app.commands.quality import quality

        return quality

    quality = commands.add_parser("quality", help="measure how well search finds")
    quality.add_argument("--history", action="store_true", help="what was measured before")
    quality.set_defaults(load=load)


def add_tag_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add tags with its actions."""

    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import tags

            command: _Command = getattr(tags, name)
            return command

        return loader

    tags = commands.add_parser("tags", help="tags of files, and what is suggested by them")
    actions = tags.add_subparsers(dest="action", metavar="ACTION")
    tags.set_defaults(load=load("list_all"))
    actions.add_parser("list", help="every tag, and what was learned").set_defaults(
        load=load("list_all")
    )
    suggest = actions.add_parser("suggest", help="folders and tags that a file is like")
    suggest.add_argument("path", type=path, metavar="PATH")
    suggest.set_defaults(load=load("suggest"))
    setting = actions.add_parser("set", help="give a file these tags, or none")
    setting.add_argument("path", type=path, metavar="PATH")
    setting.add_argument("tags", nargs="*", type=whole_text, metavar="TAG")
    setting.set_defaults(load=load("set_of_file"))


def add_specialist_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add specialist with its actions."""

    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import specialist

            command: _Command = getattr(specialist, name)
            return command

        return loader

    specialist = commands.add_parser("specialist", help="give all that was taught to a colleague")
    specialist.set_defaults(load=load("list_all"))
    actions = specialist.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="those that were imported").set_defaults(load=load("list_all"))
    for name, function, text in (
        ("export", "export", "write lessons and tags to a file, with the models' names"),
        ("import", "import_", "add what such a file holds"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("file", type=path, metavar="FILE")
        action.set_defaults(load=load(function))
    undo = actions.add_parser("undo", help="take back all that an import has brought")
    undo.add_argument("id", nargs="?", type=positive, metavar="ID", help="if not the last one")
    undo.set_defaults(load=load("undo"))


def add_encrypt_command(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add encrypt with its actions."""

    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import encrypt

            command: _Command = getattr(encrypt, name)
            return command

        return loader

    encrypt = commands.add_parser("encrypt", help="make the library unreadable for others")
    encrypt.set_defaults(load=load("status"))
    actions = encrypt.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("status", help="whether it is, and where its key is").set_defaults(
        load=load("status")
    )
    actions.add_parser("off", help="make it plain again").set_defaults(load=load("off"))
    for name, text in (("on", "encrypt it"), ("passphrase", "give it another passphrase")):
        action = actions.add_parser(name, help=text)
        action.add_argument(
            "--ask", action="store_true",
            help="ask for the passphrase at each start; the system's key store gets no key",
        )  # fmt: skip
        action.add_argument(
            "--new-passphrase-file", type=path, metavar="FILE",
            help="a file whose first line is the passphrase, instead of the terminal",
        )  # fmt: skip
        action.set_defaults(load=load(name))
