"""The section "Language" of the settings."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.translations.reading import available
from IDCBrowserLib.ui.language import AUTOMATIC, ENGLISH, LANGUAGE_KEY
from IDCBrowserLib.ui.widgets.building_blocks import column, label
from IDCBrowserLib.ui.widgets.fields import ChoiceField, box, form

# In the language itself, so that a person finds the own one.
_NAMES = {"de": "Deutsch"}


class LanguageSection:
    """See ``settings_page.Section``."""

    def __init__(self, browser: Browser) -> None:
        self._settings = browser.host.settings
        unread = _("{language} (not yet read by a native speaker)")
        names = [(code, unread.format(language=_NAMES.get(code, code))) for code in available()]
        self._codes = [AUTOMATIC, ENGLISH, *(code for code, _name in names)]
        self._field = ChoiceField(
            "settingsLanguage",
            _("Language"),
            _("Language of the window. The command line and what comes from IDC stay in English."),
            [(AUTOMATIC, _("As the system")), (ENGLISH, "English"), *names],
            lambda code: self._settings.set_value(LANGUAGE_KEY, code),
        )
        note = label("settingsLanguageNote", _("Applies after a restart."), True)
        self.widget = box("settingsLanguageBox", _("Language"), column([form([self._field]), note], 6))
        self.shown()

    def shown(self) -> None:
        """See ``settings_page.Section``."""
        chosen = self._settings.value(LANGUAGE_KEY, AUTOMATIC)
        self._field.show(chosen if chosen in self._codes else AUTOMATIC)

    def disconnect(self) -> None:
        """See ``settings_page.Section``."""
