"""Collect Qt's plugins for a desktop, without those for bare screens, remote ones and GTK.

GTK's theme would bring the whole of GTK, or mix our libraries with the system's; Qt asks the
desktop for its colours and dialogs through D-Bus instead.
"""

from pathlib import PurePath

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

_GROUPS = {
    "iconengines",
    "platforminputcontexts",
    "platforms",
    "platformthemes",
    "wayland-decoration-client",
    "wayland-graphics-integration-client",
    "wayland-shell-integration",
    "xcbglintegrations",
}
_UNUSED = ("qeglfs", "qlinuxfb", "qminimal", "qvkkhrdisplay", "qvnc", "qgtk3", "qdirect2d")


def _is_wanted(source: str) -> bool:
    path = PurePath(source)
    if "plugins" not in path.parts:
        return True
    group = path.parent.name
    name = path.name.removeprefix("lib")
    if group == "imageformats":
        return name.startswith("qsvg")
    return group in _GROUPS and not name.startswith(_UNUSED)


hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [entry for entry in binaries if _is_wanted(entry[0])]
