"""How the window looks and what it does by keys alone."""

from __future__ import annotations

from typing import Any

from helpers.person import Person, parts_of

from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets

PAGES = ("browse", "summary", "cart", "downloads", "storage", "searches", "changes", "sql", "settings", "help")


def pale_labels(root: Any) -> list[str]:
    """Labels in sight whose text hardly differs from what is behind it."""
    found = []
    for label in parts_of(root):
        if not label.inherits("QLabel"):
            continue
        colors, text = label.property("palette"), str(label.property("text") or "")
        ink, behind = colors.color(QtGui.QPalette.ColorRole.WindowText), colors.color(QtGui.QPalette.ColorRole.Window)
        if label.isVisible() and label.isEnabled() and text and abs(ink.lightness() - behind.lightness()) < 100:
            found.append(str(label.property("objectName")) or text)
    return found


def buttons_of(root: Any) -> dict[str, Any]:
    """Buttons in sight by their names; those of messages come and go, and arrows of a bar of tabs are there only where it is too narrow."""
    return {
        str(part.property("objectName")): part
        for part in parts_of(root)
        if part.inherits("QAbstractButton")
        and part.isVisible()
        and part.property("objectName")
        and "Scroll" not in str(part.property("objectName"))
        and not str(part.property("objectName")).startswith("message")
    }


def hidden_buttons(root: Any) -> list[str]:
    """Those that are shown and enabled, but not whole in sight: cut off, or below something else. What scrolls is left out."""
    hidden = []
    for name, part in buttons_of(root).items():
        if _scrolls(part):
            continue
        shape = part.property("rect")
        corners = (shape.topLeft() + QtCore.QPoint(2, 2), shape.bottomRight() - QtCore.QPoint(2, 2), shape.center())
        for corner in corners:
            found = QtWidgets.QApplication.widgetAt(part.mapToGlobal(corner))
            if found is None or (found != part and not part.isAncestorOf(found)):
                hidden.append(name)
                break
    return hidden


def _scrolls(part: Any) -> bool:
    above = part.parentWidget()
    while above is not None:
        if above.inherits("QAbstractScrollArea"):
            return True
        above = above.parentWidget()
    return False


def rows_in_sight(view: Any) -> int:
    """How many whole rows of a table are seen."""
    height = int(view.viewport().property("height"))
    rows = range(view.model().rowCount())
    return sum(
        1 for row in rows if view.visualRect(view.model().index(row, 0)).top() >= 0 and view.visualRect(view.model().index(row, 0)).bottom() < height
    )


def keys_lead_through_the_tables(person: Person) -> None:
    """From the search box to a table, along its row, down a level and back, all by keys that "Help" lists."""
    person.browser.tables.reveal({})
    person.wait(lambda: person.rows("collections") > 100, "the catalog")
    person.bring_into_sight("collections")
    view = person.widget("collectionsTable")
    last = view.model().columnCount() - 1
    person.key(view, "Ctrl+Home")
    person.wait(lambda: view.currentIndex().row() == 0, "the first row")
    for _ in range(3):
        person.key(view, "Down")
    person.wait(lambda: view.currentIndex().row() == 3, "three rows down")
    person.key(view, "End")
    person.wait(lambda: (view.currentIndex().row(), view.currentIndex().column()) == (3, last), "the end of the row")
    person.key(view, "Home")
    person.wait(lambda: (view.currentIndex().row(), view.currentIndex().column()) == (3, 0), "its beginning")
    person.key(view, "Ctrl+C")
    person.wait(lambda: person.cells("collections", 3)[0] in QtWidgets.QApplication.clipboard().text(), "the copied row")
    person.key(view, "Return")
    person.wait(lambda: person.browser.shelf.level == "cases" and person.rows("cases") > 0, "its cases")
    person.key(person.widget("casesTable"), "Backspace")
    person.wait(lambda: person.browser.shelf.level == "collections", "back")
    person.key(view, "Esc")
    person.wait(lambda: person.browser.tables.deepest_selected() is None, "nothing selected")
    person.key(view, "Ctrl+F")
    person.wait(person.widget("searchBox").hasFocus, "the search box")
    person.key(person.widget("searchBox"), "F1")
    person.wait(person.widget("helpText").isVisible, "Help")
    assert "Ctrl+M" in person.shown_text("helpText")
    pages = person.widget("pages")
    before = int(pages.property("currentIndex"))
    person.key(person.widget("helpText"), "Ctrl+Shift+Tab")
    person.wait(lambda: int(pages.property("currentIndex")) == before - 1, "the page before")
    person.browser.show_page("browse")


def english_texts(root: Any, texts: dict[tuple[str, str], str]) -> list[str]:
    """Texts in sight that ``texts`` has a translation of, which is not what is shown."""
    changed = {source for (_context, source), translation in texts.items() if translation.partition("|")[0] != source}
    found = []
    for part in parts_of(root):
        text = str(part.property("text") or "") if part.inherits("QLabel") or part.inherits("QAbstractButton") else ""
        if text in changed and part.isVisible():
            found.append(text)
    return found
