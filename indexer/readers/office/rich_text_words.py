"""The control words of rich text, and what they stand for."""

from __future__ import annotations

# The code pages of fonts, by \fcharset; 0 and 1 are the document's.
CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp437",
}  # fmt: skip
CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 10000: "mac_roman", 65001: "utf-8"}

# Groups without text of the document; so are all that begin with \* but those of READ.
UNREAD = frozenset(
    {
        "atnauthor", "atndate", "atnid", "atnref", "atntime", "atrfend", "atrfstart", "author",
        "bkmkend", "bkmkstart", "category", "colortbl", "company", "datastore", "doccomm", "falt",
        "filetbl", "fname", "generator", "keywords", "listoverridetable", "listtable",
        "manager", "nonshppict", "objdata", "operator", "panose", "pict", "pn", "pntext", "pntxta",
        "pntxtb", "private", "revtbl", "rsidtbl", "sn", "subject", "sv", "tc", "themedata", "txe",
        "xe", "xmlnstbl",
    }
)  # fmt: skip
READ = frozenset({"shpinst", "shptxt", "annotation", "footnote", "ud", "fldinst"})
BESIDE = {
    "footnote": "after", "annotation": "after", "shptxt": "after",
    "header": "margin", "headerl": "margin", "headerr": "margin", "headerf": "margin",
    "footer": "margin", "footerl": "margin", "footerr": "margin", "footerf": "margin",
}  # fmt: skip
SIGNS = {
    "tab": "\t", "line": "\n", "softline": "\n", "emdash": "—", "endash": "–", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ",
    "enspace": " ", "qmspace": " ", "nestcell": " ",
}  # fmt: skip
SYMBOLS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
