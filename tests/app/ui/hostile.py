"""Makes Markdown and HTML that wants to load, open, run, deceive or never end: 500 strings."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator


def hostile(address: str, count: int = 500) -> list[str]:
    """Return strings that each name `address`, which must never be asked for, or are slow."""
    addresses = [
        f"file://{address}", address, f"//{address}", f"file:{address}", f"\\\\127.0.0.1{address}",
        f"http://127.0.0.1:9{address}", "https://127.0.0.1:9/x.png", "ftp://127.0.0.1:9/x",
        "data:image/png;base64,iVBORw0KGgo=", f"javascript:open('{address}')", f"qrc:{address}",
        f"../../../../../../../..{address}", f"vbscript:{address}", f"smb://127.0.0.1{address}",
    ]  # fmt: skip
    made = [form.format(a=a) for form, a in itertools.product(_FORMS, addresses)]
    made += _SLOW
    order = random.Random(5)  # noqa: S311 -- nothing secret
    while len(made) < count:
        made.append(_mixed(order, addresses))
    return made


_FORMS = [
    "![x]({a})", '![x](<{a}> "title")', "[click]({a})", "<{a}>", "[x]: {a}\n\n![x]\n\n[x]",
    "[![x]({a})]({a})", "<img src='{a}'>", '<IMG\nSRC="{a}" onerror=alert(1)>',
    "<a href='{a}'>x</a>", "<link rel=stylesheet href='{a}'>", "<style>@import url({a});</style>",
    "<p style='background-image: url({a})'>x</p>", "<body background='{a}'>",
    "<table background='{a}'><tr><td background='{a}'>x</table>",
    "<svg><image href='{a}'/><use href='{a}#x'/></svg>", "<object data='{a}'></object>",
    "<iframe src='{a}'></iframe>", "<script src='{a}'></script>", "<embed src='{a}'>",
    "<video poster='{a}'><source src='{a}'></video>", "<meta http-equiv=refresh content='0;{a}'>",
    "&lt;img src='{a}'&gt;", "&#60;img src='{a}'&#62;", "<!--><img src='{a}'>-->",
    "<ul style='list-style-image: url({a})'><li>x</ul>", "```\n<img src='{a}'>\n```",
    "| a |\n|---|\n| ![x]({a}) <img src='{a}'> |", "- [ ] ![x]({a})", "# ![x]({a})",
]  # fmt: skip

_SLOW = [
    "> " * 10_000 + "x", ">" * 10_000 + "x", "- " * 10_000 + "x", "1. " * 10_000 + "x",
    "\n".join("  " * depth + "- x" for depth in range(1_000)),
    "\n".join("> " * depth + "x" for depth in range(1_000)),
    "*" * 10_000 + "x" + "*" * 10_000, "_*" * 5_000 + "x" + "*_" * 5_000, "~~x" * 20_000,
    "[" * 10_000 + "x" + "](a)" * 10_000, "![" * 10_000 + "x" + "](a)" * 10_000,
    "(" * 50_000, "`" * 30_000 + "x", "\\" * 50_000, "&#x41;" * 50_000, "&amp;" * 50_000,
    "[a]: b\n" * 10_000 + "[a]" * 10_000, "# x\n" * 10_000, "x\n\n" * 20_000, "\n" * 100_000,
    "|" + "a|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + ("|" + "b|" * 1_000 + "\n") * 20,
    "|a|b|\n|-|-|\n" + "|c|d|\n" * 10_000, "x" * 500_000, "字" * 200_000, " " * 100_000 + "x",
    "\u202e\u2066" * 20_000 + "fdp.exe", "a" + "\u0301" * 50_000, "\u200b" * 100_000,
    "<div>" * 10_000, "<table><tr><td>" * 3_000, "<b><i>" * 10_000, "<!--" * 10_000,
    "<![CDATA[" * 5_000,
    "\ue000" * 10_000, "\ue0001\ue001" * 2_000, "\x00" * 1_000, "\ud800\udfff" * 100,
]  # fmt: skip


def _mixed(order: random.Random, addresses: list[str]) -> str:
    """Return some of it, one inside the other."""
    text = "x"
    for form in order.sample(_FORMS, order.randint(2, 6)):
        text = form.format(a=order.choice(addresses)).replace("x", text, 1)
    return "".join(_with_noise(order, text))


def _with_noise(order: random.Random, text: str) -> Iterator[str]:
    for sign in text:
        yield sign
        if order.random() < 0.02:
            yield order.choice(["\u202e", "\n", "\t", "*", "`", "|", "> ", "\u200b", "&"])
