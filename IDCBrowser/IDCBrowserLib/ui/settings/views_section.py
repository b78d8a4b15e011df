"""The section "Views" of the settings."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import MOST_SLIDE_MEGAPIXELS, SLIDE_KEY, SUV_KEY, slide_megapixels, suv_choice
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.ui.widgets.building_blocks import column
from IDCBrowserLib.ui.widgets.fields import ChoiceField, NumberField, box, form


class ViewsSection:
    """What loaded images are shown as."""

    def __init__(self, browser: Browser) -> None:
        self._settings = browser.host.settings
        self._suv = ChoiceField(
            "settingsSuv",
            _("PET &shown as"),
            _("What PET is shown as where it can be computed. Applies to the next PET that is loaded."),
            [
                ("bw", _("SUV by body weight")),
                ("lbm", _("SUV by lean body mass (SUL, Janmahasatian)")),
                ("bsa", _("SUV by body surface area")),
                ("stored", _("As stored (usually Bq/ml)")),
            ],
            lambda text: self._settings.set_value(SUV_KEY, text),
        )
        self._slide = NumberField(
            "settingsSlide",
            _("Slide si&ze (megapixels)"),
            _('The largest level of a slide that is loaded whole (16: 4096 x 4096 pixels). "Download and load" fetches this level only.'),
            (1, MOST_SLIDE_MEGAPIXELS),
            lambda text: self._settings.set_value(SLIDE_KEY, text),
        )
        self.widget = box("settingsViews", _("Views"), column([form([self._suv, self._slide])], 6))
        self.shown()

    def shown(self) -> None:
        """See ``settings_page.Section``."""
        self._suv.show(suv_choice(self._settings))
        self._slide.show(str(slide_megapixels(self._settings)))

    def disconnect(self) -> None:
        """See ``settings_page.Section``."""
