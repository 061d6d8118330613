"""Collect the translations of Qt's own dialogs only: the window asks for no others."""

from pathlib import PurePath

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
datas = [
    (source, place)
    for source, place in datas
    if not source.endswith(".qm") or PurePath(source).name.startswith("qtbase_")
]
