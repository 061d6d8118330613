"""How the commands for models are written."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.commands import Context
from app.commands.arguments import path

_Command = Callable[[Context, argparse.Namespace], int]
_Commands = argparse._SubParsersAction
# As models.quantize_gguf.KINDS, which --help need not load.
_KINDS = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M")


def add_model_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add models with its actions."""

    def load(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import models

            command: _Command = getattr(models, name)
            return command

        return loader

    def load_work(name: str) -> Callable[[], _Command]:
        def loader() -> _Command:
            from app.commands import model_work

            command: _Command = getattr(model_work, name)
            return command

        return loader

    models = commands.add_parser("models", help="list, get, import, choose or shrink models")
    actions = models.add_subparsers(dest="action", metavar="ACTION")
    models.set_defaults(load=load("list_models"))
    actions.add_parser("list", help="those here and those to be had").set_defaults(
        load=load("list_models")
    )
    get = actions.add_parser("get", help="fetch one of the list, or go on fetching it")
    get.add_argument("name", metavar="NAME")
    get.add_argument(
        "--mirror", action="append", metavar="URL",
        help="from this server instead of the hub (repeatable: each in turn)",
    )  # fmt: skip
    get.add_argument("--accept-licence", action="store_true", help="of a model that asks for it")
    get.add_argument(
        "--anyway", action="store_true", help="even if it is larger than this machine's memory"
    )
    get.set_defaults(load=load_work("get_model"))
    importing = actions.add_parser(
        "import", help="copy a GGUF, also an adapter, or prepare an encoder folder"
    )
    importing.add_argument("path", type=path, metavar="FILE")
    importing.set_defaults(load=load_work("import_model"))
    use = actions.add_parser("use", help="choose a model, or an adapter for the chosen one")
    use.add_argument("name", metavar="NAME")
    use.set_defaults(load=load("use_model"))
    removing = actions.add_parser("remove", help="delete one that you brought in")
    removing.add_argument("name", metavar="NAME")
    removing.add_argument("--yes", action="store_true", help="without asking")
    removing.set_defaults(load=load("remove"))
    shrinking = actions.add_parser("quantize", help="write a language model in fewer bits")
    shrinking.add_argument("name", metavar="NAME")
    shrinking.add_argument("kind", metavar="TYPE", type=_kind, help=", ".join(_KINDS))
    shrinking.set_defaults(load=load_work("quantize_model"))
    bench = actions.add_parser("bench", help="measure how fast a language model is here")
    bench.add_argument("name", nargs="?", metavar="NAME")
    bench.set_defaults(load=load_work("bench"))
    mirror = actions.add_parser("mirror", help="where models are fetched from; `off`: the hub")
    mirror.add_argument("addresses", nargs="*", metavar="URL")
    mirror.set_defaults(load=load_work("mirror"))


def _kind(text: str) -> str:
    if text.upper() not in _KINDS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(_KINDS)}")
    return text.upper()
