"""What a view asks a model for, and how it aligns texts: as the plain numbers that both bindings hand to ``data`` and take from it."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import Qt, number_of
from IDCBrowserLib.ui.widgets.plain_tip import plain

DISPLAY = int(Qt.ItemDataRole.DisplayRole)
DECORATION = int(Qt.ItemDataRole.DecorationRole)
TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
SIZE_HINT = int(Qt.ItemDataRole.SizeHintRole)
CHECK = int(Qt.ItemDataRole.CheckStateRole)
ACCESSIBLE_TEXT = int(Qt.ItemDataRole.AccessibleTextRole)
USER = int(Qt.ItemDataRole.UserRole)

CHECKED = number_of(Qt.CheckState.Checked)
UNCHECKED = number_of(Qt.CheckState.Unchecked)

LEFT = number_of(Qt.AlignmentFlag.AlignLeft) | number_of(Qt.AlignmentFlag.AlignVCenter)
RIGHT = number_of(Qt.AlignmentFlag.AlignRight) | number_of(Qt.AlignmentFlag.AlignVCenter)
CENTER = number_of(Qt.AlignmentFlag.AlignCenter)


def alignment(right: bool) -> int:
    """Of the texts of a column: numbers stand at the right."""
    return RIGHT if right else LEFT


def cell_value(role: int, text: str | None) -> str | None:
    """The text of a cell as that role shows it; nothing for none."""
    return plain(text) if text and role == TOOL_TIP else text or None


def header_value(role: int, title: str, tip: str, right: bool) -> str | int | None:
    """What the header of a column shows for a role: its title, a tool tip where there is one, its alignment."""
    if role == DISPLAY:
        return title
    if role == TOOL_TIP:
        return tip or None
    return alignment(right) if role == ALIGNMENT else None
