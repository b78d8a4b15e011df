"""The language of the window: what the person chose, else that of the program or computer around it."""

from __future__ import annotations

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.i18n import Translation, use
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.translations.reading import available, read

LANGUAGE_KEY = "Language"
AUTOMATIC, ENGLISH = "", "en"


def speak(settings: Settings, around: str = "") -> str:
    """Use the language of the settings, or with none there ``around`` ("de-DE"; of the computer if empty). Call it before the window is built.

    Gives a sentence when the translation cannot be read; the window is in English then.
    """
    locale = QtCore.QLocale(settings.value(LANGUAGE_KEY, AUTOMATIC) or around or QtCore.QLocale.system().name())
    wanted = str(locale.name()).partition("_")[0]
    path = available().get(wanted)
    if path is None:
        use(Translation())
        return ""
    try:
        texts = read(path)
    except InputError as error:
        use(Translation())
        return str(error)
    use(Translation(wanted, texts, _sign(locale.decimalPoint()), _sign(locale.groupSeparator()), _date_form(locale)))
    return ""


def _sign(value: object) -> str:
    """Qt 5 gives a character, in PythonQt as its number."""
    return chr(value) if isinstance(value, int) else str(value)


def _date_form(locale: QtCore.QLocale) -> str:
    """The short form of a date with all digits: "{day}.{month}.{year}"."""
    pattern = str(locale.dateFormat(QtCore.QLocale.FormatType.ShortFormat))
    parts: list[str] = []
    for letter in pattern:
        name = {"d": "{day}", "M": "{month}", "y": "{year}"}.get(letter, letter.replace("{", "").replace("}", ""))
        if not parts or parts[-1] != name or letter not in "dMy":
            parts.append(name)
    form = "".join(parts)
    return form if all(form.count(name) == 1 for name in ("{day}", "{month}", "{year}")) else ""
