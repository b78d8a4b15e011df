"""What rows of a query name, shown in the tables, made what a download takes, or put into the cart."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Hit, Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.query import NamedRows

_MAX_PLANNED = 50_000


def show_named(browser: Browser, named: NamedRows) -> None:
    """Select what was named in the tables."""
    if named.ids:
        browser.pick(Hit(named.level, named.ids, "", ""))
        _tell_missing(browser, named)
    else:
        _tell_nothing(browser, named)


def use_named(browser: Browser, named: NamedRows) -> None:
    """What "Download" takes."""
    if not named.ids:
        _tell_nothing(browser, named)
    elif len(named.ids) > _MAX_PLANNED:
        text = _("{count} are too many to select one by one. Query whole studies, cases or collections, or select fewer rows.")
        browser.message.emit(Message(Kind.WARNING, text.format(count=f"{len(named.ids):,}")))
    else:
        browser.opened_set.open_sources(named.ids)
        _tell_missing(browser, named)


def add_named(browser: Browser, named: NamedRows) -> None:
    """Put it aside; the cart tells what became of it."""
    if named.ids:
        browser.cart.add({"level": named.level, "ids": named.ids}, named.level, _missing_text(named))
    else:
        _tell_nothing(browser, named)


def _tell_nothing(browser: Browser, named: NamedRows) -> None:
    text = _("None of these rows refers to a series in this IDC release.") if named.missing else _("These rows contain no identifiers.")
    browser.message.emit(Message(Kind.WARNING, text))


def _tell_missing(browser: Browser, named: NamedRows) -> None:
    if named.missing:
        browser.message.emit(Message(Kind.INFO, _missing_text(named)))


def _missing_text(named: NamedRows) -> str:
    if not named.missing:
        return ""
    return _("{count} of the series are not in this IDC release and were skipped.").format(count=f"{named.missing:,}")
