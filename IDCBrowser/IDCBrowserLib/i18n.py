"""Translation of texts: Slicer's in Slicer, the text itself elsewhere. Whole sentences, filled with ``.format``.

``from IDCBrowserLib.i18n import tr as _``; Slicer's ``tr`` finds the context from the calling file, so it is handed on as it is.
"""

from __future__ import annotations


def _identity(text: str) -> str:
    return text


try:
    import PythonQt  # noqa: F401  outside Slicer `import slicer` would be slow, and have no translations
    from slicer.i18n import tr
except ImportError:
    tr = _identity

__all__ = ["tr"]
