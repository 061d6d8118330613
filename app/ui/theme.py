"""Colours, sizes and the few style rules of the window, light and dark."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

LIBRARY_WIDTH = 268
DOCUMENT_WIDTH = 400
# Below these widths of the window the document, then the library, lie over the conversation.
DOCUMENT_OVER = 1000
LIBRARY_OVER = 700


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme."""

    background: str
    panel: str
    card: str
    line: str
    text: str
    dim: str
    accent: str
    on_accent: str
    accent_soft: str
    mark: str
    warning: str
    warning_soft: str
    working: str  # the dot of a folder that is being read


LIGHT = Tokens(
    background="#FBFAF8", panel="#F3F1EC", card="#FFFFFF", line="#E4E0D8", text="#22211F",
    dim="#6E6A63", accent="#2F6F5E", on_accent="#FFFFFF", accent_soft="#E3EFEA", mark="#FFE9A8",
    warning="#AD4F1C", warning_soft="#FBEDE3", working="#E0B84C",
)  # fmt: skip
DARK = Tokens(
    background="#1B1C1E", panel="#202225", card="#26282C", line="#34373C", text="#E9E7E2",
    dim="#A09C95", accent="#7CC4AE", on_accent="#12211C", accent_soft="#24352F", mark="#5C4E1E",
    warning="#E39A6C", warning_soft="#3A2A20", working="#E0B84C",
)  # fmt: skip


def system_tokens() -> Tokens:
    """Return the scheme that the desktop asks for."""
    dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def apply(application: QApplication, tokens: Tokens) -> None:
    """Give the whole application these colours; Fusion looks the same on every platform."""
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(_palette(tokens))
    application.setStyleSheet(_STYLE.format(**{name: getattr(tokens, name) for name in _NAMES}))


_NAMES = tuple(Tokens.__dataclass_fields__)


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for where, colour in (
        (role.Window, tokens.background),
        (role.WindowText, tokens.text),
        (role.Base, tokens.card),
        (role.AlternateBase, tokens.panel),
        (role.Text, tokens.text),
        (role.PlaceholderText, tokens.dim),
        (role.Button, tokens.card),
        (role.ButtonText, tokens.text),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.accent),
        (role.ToolTipBase, tokens.card),
        (role.ToolTipText, tokens.text),
    ):
        palette.setColor(where, QColor(colour))
    palette.setColor(QPalette.ColorGroup.Disabled, role.ButtonText, QColor(tokens.dim))
    return palette


_STYLE = """
QWidget {{ font-size: 14px; color: {text}; }}
QMainWindow, QWidget#conversation {{ background: {background}; }}
QWidget#panel {{ background: {panel}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QLabel#product {{ font-size: 19px; font-weight: 600; }}
QLabel#question {{ font-size: 19px; font-weight: 600; }}
QLabel#label {{ font-size: 11px; font-weight: 600; color: {dim}; letter-spacing: 1px; }}
QLabel#dim, QPushButton#dim {{ font-size: 12px; color: {dim}; }}
QLabel#passage {{ font-size: 13px; }}
QLabel#answer, QTextBrowser#answer {{ font-size: 15px; }}
QLabel#number {{ font-size: 13px; font-weight: 600; color: {accent}; background: {accent_soft};
    border-radius: 4px; padding: 1px 5px; }}
QLabel#warning {{ font-size: 13px; color: {warning}; background: {warning_soft};
    border-radius: 8px; padding: 8px 12px; }}
QFrame#notice {{ background: {warning_soft}; border-radius: 8px; }}
QFrame#notice QLabel, QFrame#notice QPushButton {{ font-size: 13px; color: {warning}; }}
QFrame#drop {{ background: {accent_soft}; border: 2px dashed {accent}; border-radius: 14px; }}
QFrame#card {{ background: {card}; border: 1px solid {line}; border-radius: 10px; }}
QFrame#card:hover, QFrame#card:focus {{ border-color: {accent}; }}
QFrame#box {{ background: {card}; border: 1px solid {line}; border-radius: 14px; }}
QFrame#box QPlainTextEdit {{ background: transparent; border: none; font-size: 15px; }}
QFrame#separator {{ background: {line}; border: none; }}
QTextBrowser#answer, QPlainTextEdit#page {{ background: transparent; border: none; }}
QPlainTextEdit#page {{ font-size: 13px; }}
QPushButton {{ border: 1px solid {line}; border-radius: 9px; padding: 6px 12px; color: {text};
    background: transparent; }}
QPushButton:hover, QPushButton:focus {{ border-color: {accent}; }}
QPushButton:disabled {{ color: {dim}; }}
QPushButton#primary {{ background: {accent}; color: {on_accent}; border-color: {accent};
    font-weight: 600; }}
QPushButton#dim {{ border: none; padding: 2px 0; text-align: left; }}
QPushButton#dim:hover, QPushButton#dim:focus {{ color: {accent}; }}
QPushButton#flat {{ border: none; padding: 2px 6px; }}
QPushButton#flat:hover, QPushButton#flat:focus {{ color: {accent}; }}
QPushButton#chip {{ background: {accent_soft}; border-color: {accent_soft}; color: {accent}; }}
QPushButton#chip:hover, QPushButton#chip:focus {{ border-color: {accent}; }}
QListView#chats {{ background: transparent; border: none; }}
QListView#chats::item {{ padding: 5px 6px; border-radius: 6px; }}
QListView#chats::item:hover {{ color: {accent}; }}
QListView#chats::item:selected {{ background: {accent_soft}; color: {text}; }}
QLineEdit#search {{ background: {card}; border: 1px solid {line}; border-radius: 9px;
    padding: 5px 8px; }}
QLineEdit#search:focus {{ border-color: {accent}; }}
QPushButton#row {{ border: none; padding: 4px 0; text-align: left; }}
QPushButton#row:hover, QPushButton#row:focus {{ color: {accent}; }}
QPushButton::menu-indicator {{ subcontrol-position: right center; right: 6px; }}
QProgressBar {{ background: {line}; border: none; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QTableView {{ background: {card}; border: 1px solid {line}; border-radius: 10px;
    font-size: 13px; selection-background-color: {accent_soft}; selection-color: {text}; }}
QTableView::item {{ padding: 0 8px; }}
QHeaderView {{ background: transparent; }}
QHeaderView::section {{ background: transparent; border: none; border-bottom: 1px solid {line};
    font-size: 12px; color: {dim}; padding: 4px 8px 4px 11px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {line}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {dim}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {card}; border: 1px solid {line}; }}
QMenu::item {{ padding: 6px 20px; }}
QMenu::item:selected {{ background: {accent_soft}; color: {text}; }}
QToolTip {{ background: {card}; color: {text}; border: 1px solid {line}; }}
"""
