"""The page "Cart": what was put aside, what it weighs, and the buttons that fetch or save it."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Hit, ProgressState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.picking.cart import CartState
from IDCBrowserLib.logic.picking.cart_text import totals_lines
from IDCBrowserLib.logic.picking.selection_actions import CitedPart, ExportFormat
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.picking.cart_tree import CartTree
from IDCBrowserLib.ui.picking.preset_box import PartBox
from IDCBrowserLib.ui.picking.selection_labels import SelectionLabels
from IDCBrowserLib.ui.widgets.building_blocks import SPACING, button, column, holder, label, row
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.row_menu import RowMenu
from IDCBrowserLib.ui.widgets.save_menu import SaveMenu
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_MARGIN = 6
_BUTTON_MARGIN = 14


class CartPage:
    """See ``pages.Page``."""

    name = "cart"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._cart = browser.cart
        self._count = -1
        self.tree = CartTree(browser.cart, self._show_hit, self._draw_buttons)
        self._show = button("cartShowButton", _("S&how in tables"), _("Show the current item in the tables of the Browse page (Enter)."))
        self._show_all = button("cartShowAllButton", _("Show &all"), _("Show only what is in the cart in the tables of the Browse page."))
        self._remove = button("cartRemoveButton", _("&Remove"), _("Remove the selected items from the cart (Delete)."))
        self._clear = button("cartClearButton", _("&Empty"), _('Remove everything from the cart. "Undo" restores it.'))
        self._undo = button("cartUndoButton", _("&Undo"), _("Undo the last change to the cart (Ctrl+Z)."))
        self._texts = SelectionLabels("cart", "cartNoncommercial", lambda name: label(name, "", True))
        self._part = PartBox("cartPart", lambda preset: browser.cart.choose(preset=preset))
        self._references = _check(
            "cartReferences",
            _("Include referenced &images"),
            _("A SEG or RTSTRUCT is displayed over the images it refers to. Download them as well."),
        )
        self._derived = _check(
            "cartDerived",
            _("Include objects derived fro&m these images"),
            _("Segmentations, structure sets, reports and other objects derived from the images in the cart."),
        )
        self._save = SaveMenu("cartSaveButton", _("Sa&ve as"), browser.host, lambda: _("cart"), self._save_as, self._cite)
        self._download = button("cartDownloadButton", _("&Download"), "")
        self._load = button("cartLoadButton", _("Download and &load"), "")
        for made in (self._show, self._show_all, self._remove, self._clear, self._undo):
            _let_shrink(made)
        self.widget = holder(self._layout(), "cartPage")
        self._connect()
        self._draw(self._cart.state)

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Cart ({count})").format(count=f"{self._cart.state.count:,}") if self._cart.state.count else _("Cart")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._cart.watch(True)

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._cart.watch(False)
        self._cart.changed.disconnect(self._draw)
        self._cart.contents_changed.disconnect(self._fill)
        self._browser.downloads.changed.disconnect(self._download_changed)
        self._browser.selection_actions.changed.disconnect(self._draw_buttons)

    def _layout(self) -> QtWidgets.QVBoxLayout:
        part_label = QtWidgets.QLabel(_("Con&tent:"))
        part_label.setBuddy(self._part.box)
        chosen = row([part_label, self._part.box])
        chosen.setStretch(1, 1)
        layout = column(
            [
                WrappedRow([self._show, self._show_all, self._remove, self._clear, self._undo]),
                self.tree.view,
                self._texts.total,
                self._texts.restricted,
                self._texts.levels,
                self._texts.modalities,
                self._texts.licenses,
                chosen,
                self._references,
                self._derived,
                row([self._save.button, self._download, self._load, None]),
            ],
            _MARGIN,
        )
        layout.setStretch(1, 1)
        layout.setSpacing(SPACING)
        return layout

    def _connect(self) -> None:
        self._show.clicked.connect(self._show_current)
        self._show_all.clicked.connect(self._browser.opened_set.open_cart)
        self._remove.clicked.connect(self._remove_picked)
        self._clear.clicked.connect(self._cart.clear)
        self._undo.clicked.connect(self._cart.undo)
        self._actions = [
            self.tree.add_action(_("&Show in tables"), "Ctrl+Return", self._show_current),
            self.tree.add_action(_("&Remove from the cart"), "Del", self._remove_picked),
            self.tree.add_action(_("&Undo"), "Ctrl+Z", self._undo_last),
        ]
        self._menu = RowMenu(self._browser, self.tree.view, self.tree.named)
        self._references.toggled.connect(lambda on: self._cart.choose(with_references=bool(on)))
        self._derived.toggled.connect(lambda on: self._cart.choose(with_derived=bool(on)))
        self._download.clicked.connect(lambda: self._browser.picked.download_cart(False))
        self._load.clicked.connect(lambda: self._browser.picked.download_cart(True))
        self._cart.changed.connect(self._draw)
        self._cart.contents_changed.connect(self._fill)
        self._browser.downloads.changed.connect(self._download_changed)
        self._browser.selection_actions.changed.connect(self._draw_buttons)

    # What the user does

    def _show_current(self) -> None:
        hit = self.tree.hit()
        if hit is not None:
            self._show_hit(hit)

    def _show_hit(self, hit: Hit) -> None:
        self._browser.show_page("browse")
        self._browser.pick(hit)

    def _remove_picked(self) -> None:
        picked = self.tree.picked()
        if picked.collections or picked.entries:
            self._cart.remove(picked.collections, picked.entries)

    def _undo_last(self) -> None:
        if self._cart.state.can_undo:
            self._cart.undo()

    def _save_as(self, form: ExportFormat, path: str) -> None:
        self._browser.selection_actions.save({"cart": True}, self._cart.state.content, form, path)

    def _cite(self, part: CitedPart) -> None:
        self._browser.selection_actions.cite({"cart": True}, self._cart.state.content, part, QtWidgets.QApplication.clipboard().setText)

    # What the browser says

    def _download_changed(self, _state: ProgressState) -> None:
        self._draw_buttons()

    def _fill(self) -> None:
        self.tree.fill(self._cart.state)
        self._draw_buttons()

    def _draw(self, state: CartState) -> None:
        self._texts.draw(totals_lines(state))
        self._part.draw(state.content.preset, state.modalities)
        self._references.setChecked(state.content.with_references)
        self._derived.setChecked(state.content.with_derived)
        if state.count != self._count:
            self._count = state.count
            self.heading_changed.emit(self.heading())
        self._draw_buttons()

    def _draw_buttons(self) -> None:
        state, picked = self._cart.state, self.tree.picked()
        self._show.setEnabled(self.tree.hit() is not None)
        self._remove.setEnabled(bool(picked.collections or picked.entries))
        self._show_all.setEnabled(state.count > 0)
        self._clear.setEnabled(state.count > 0)
        self._undo.setEnabled(state.can_undo)
        self._save.button.setEnabled(state.count > 0 and not self._browser.selection_actions.busy)
        tips = (
            _("Download the cart to {folder} and add it to the DICOM database."),
            _("Download the cart to {folder} and load it with its segmentations."),
        )
        for made, load, tip in ((self._download, False, tips[0]), (self._load, True, tips[1])):
            reason = self._browser.picked.why_not_download_cart(load)
            made.setEnabled(not reason)
            text = reason or tip.format(folder=self._browser.host.download_folder)
            made.setToolTip(plain(text))
            made.setAccessibleDescription(text)


def _let_shrink(made: QtWidgets.QPushButton) -> None:
    """To its text: four of them have room in a narrow dock."""
    text = str(made.property("text")).replace("&", "")
    made.setMinimumWidth(made.fontMetrics().horizontalAdvance(text) + _BUTTON_MARGIN)


def _check(name: str, text: str, tip: str) -> QtWidgets.QCheckBox:
    made = QtWidgets.QCheckBox(text)
    made.setObjectName(name)
    made.setToolTip(tip)
    return made
