"""The series of a study as a tree: images, and under each what was made from it. Knows no widgets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from IDCBrowserLib.api.tree import TREE, Tree, TreeRow
from IDCBrowserLib.api.values import Row
from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.kinds import counted_text, kind_of_series, kind_text
from IDCBrowserLib.logic.base.loading_text import what_loading_series_does
from IDCBrowserLib.logic.base.state import Phase, TableState
from IDCBrowserLib.logic.tables.columns import EMPTY, megabytes, millimeters, text
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.selection.slide_levels import SLIDES
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count, human_size

# More are looked at in the table.
MOST_ROWS = 400
_MOST_NAMES = 2
# By modality: the side index that says what is in its objects.
INDEX_OF = {"SEG": "seg_index", "RTSTRUCT": "rtstruct_index", "ANN": "ann_group_index"}


@dataclass(frozen=True)
class SeriesNode:
    """``number`` of the row, -1 of a heading; ``title`` and ``note`` are its two lines, ``values`` those of columns: images, slice thickness, size,
    license; ``about`` is a second line that says what the columns do as well. ``has_picture``: an image rather than something made from one.
    ``loads`` says what "Download and load" does with it. ``is_slide``: its levels are below it.
    """

    number: int
    uid: str
    title: str
    about: str
    values: tuple[str, str, str, str] = ("", "", "", "")
    has_picture: bool = False
    note: str = ""
    loads: str = ""
    is_slide: bool = False
    below: tuple[SeriesNode, ...] = field(default=())


class SeriesTree:
    """``nodes`` of the table of series while ``watch`` is on and it is short enough. ``sizes_wanted(names)`` asks for the bytes of index files that
    would say more; ``know_sizes`` takes them.

    Signals: ``changed()``, ``sizes_wanted(names)``.
    """

    def __init__(self, client: EngineClient, tables: Tables, host: Host) -> None:
        self._known_sizes: Mapping[str, int] = {}
        self._sizes: dict[str, int | None] = {}
        self._client = client
        self._tables = tables
        self._host = host
        self._watched = False
        self._view: int | None = None
        self._request: Request | None = None
        self._told: Tree | None = None
        self.nodes: tuple[SeriesNode, ...] = ()
        self.changed: Signal[[]] = Signal()
        self.sizes_wanted: Signal[Sequence[str]] = Signal()
        tables.changed.connect(self._table_changed)
        tables.rows("series").arrived.connect(self._rows_arrived)

    @property
    def fits(self) -> bool:
        """Whether the table is short enough."""
        return 0 < self._tables.state("series").total <= MOST_ROWS

    @property
    def is_ready(self) -> bool:
        """Whether ``nodes`` are those of the rows in sight."""
        return self._watched and self._view is not None and self._view == self._tables.state("series").view and bool(self.nodes)

    def watch(self, on: bool) -> None:
        """Whether anybody looks at it."""
        self._watched = on
        self._look()

    def again(self) -> None:
        """A side index came that may say more."""
        self._view = None
        self._look()

    def _table_changed(self, level: str, _state: TableState) -> None:
        if level == "series":
            self._look()

    def _look(self) -> None:
        state = self._tables.state("series")
        if not self._watched or not self.fits or state.view is None or state.phase is not Phase.READY:
            if state.view is None:
                self._forget()
            return
        if state.view == self._view:
            return
        self._forget()
        self._view = view = state.view
        question = TREE({"view": view, "folder": self._host.download_folder})
        self._request = self._client.ask(question, lambda told: self._take(view, told), lambda error: self._fail(view, error))

    def _forget(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None
        self._view, self._told, self.nodes = None, None, ()

    def _take(self, view: int, told: Tree) -> None:
        self._request = None
        if view == self._view:
            self._told = told
            self.sizes_wanted.emit([index for index in INDEX_OF.values() if index in told["missing_indices"]])
            self._build()

    def _missing(self) -> dict[str, int | None]:
        """Bytes of the index files that would say more, by modality."""
        missing = self._told["missing_indices"] if self._told is not None else ()
        return {kind: self._known_sizes.get(index) for kind, index in INDEX_OF.items() if index in missing}

    def know_sizes(self, sizes: Mapping[str, int]) -> None:
        """Bytes of index files that are not here, by name."""
        self._known_sizes = sizes
        if self.nodes and self._missing() != self._sizes:
            self._build()

    def _fail(self, view: int, _error: IDCBrowserError) -> None:
        """Nothing is known of the rows but themselves."""
        self._request = None
        if view == self._view:
            self._told = {"rows": [], "missing_indices": []}
            self._build()

    def _rows_arrived(self, _first: int, _last: int) -> None:
        if self._told is not None and not self.nodes:
            self._build()

    def _build(self) -> None:
        rows = self._tables.rows("series")
        loaded = [rows.row(number) for number in range(rows.total)]
        if self._told is None or any(row is None for row in loaded):
            # They were asked for by that.
            return
        series = [_Series(number, row, rows.columns) for number, row in enumerate(loaded) if row is not None]
        self._sizes = self._missing()
        self.nodes = build_nodes(series, {item["row"]: item for item in self._told["rows"]}, self._sizes)
        self.changed.emit()


class _Series:
    """A row by the names of its columns."""

    def __init__(self, number: int, row: Row, columns: Sequence[str]) -> None:
        self.number = number
        self._values = dict(zip(columns, row, strict=False))

    def get(self, column: str) -> object:
        """None where the view has no such column."""
        return self._values.get(column)

    @property
    def modality(self) -> str:
        """Or ""."""
        return str(self.get("Modality") or "")


def build_nodes(series: Sequence[_Series], told: dict[int, TreeRow], missing: Mapping[str, int | None]) -> tuple[SeriesNode, ...]:
    """Images in the order of the rows with what was made from each below; then, by kind, what nothing says the image of.

    ``missing``: bytes of the index files that would say more, by modality; None where the size is not known.
    """
    above = {number: item["of"] for number, item in told.items()}
    below: dict[int, list[_Series]] = {}
    roots: list[_Series] = []
    for item in series:
        parent = above.get(item.number)
        if parent is None or parent == item.number or _leads_back(item.number, above):
            roots.append(item)
        else:
            below.setdefault(parent, []).append(item)

    def node(item: _Series) -> SeriesNode:
        children = tuple(node(child) for child in below.get(item.number, ()))
        said = told.get(item.number)
        is_known = said is not None and said["parts"] is not None
        return _node(item, said, children, "" if is_known else missing_text(item.modality, missing))

    images = [node(item) for item in roots if item.modality not in DERIVED_MODALITIES]
    rest: dict[str, list[SeriesNode]] = {}
    for item in roots:
        if item.modality in DERIVED_MODALITIES:
            rest.setdefault(kind_text(item.modality), []).append(node(item))
    headings = [SeriesNode(-1, kind, kind, "", below=tuple(nodes)) for kind, nodes in rest.items()]
    return (*images, *headings)


def _leads_back(number: int, above: dict[int, int | None]) -> bool:
    """Whether references go in a circle."""
    seen = {number}
    parent = above.get(number)
    while parent is not None:
        if parent in seen:
            return True
        seen.add(parent)
        parent = above.get(parent)
    return False


def _node(item: _Series, told: TreeRow | None, below: tuple[SeriesNode, ...], missing: str) -> SeriesNode:
    is_image = item.modality not in DERIVED_MODALITIES
    number, description = item.get("SeriesNumber"), text(item.get("SeriesDescription"))
    images = item.get("instanceCount")
    thickness = millimeters(told["slice_thickness"]) if told is not None and told["slice_thickness"] else EMPTY
    size, license_name = megabytes(item.get("series_size_MB")), text(item.get("license_short_name"))
    counted = local_number(f"{images:,}") if isinstance(images, int) else EMPTY
    own = "" if description == EMPTY else description
    sop_class = str(item.get("sop_class_name") or "")
    kind = kind_of_series(item.modality, sop_class)
    if is_image:
        name = " ".join(part for part in (f"{number}." if number else "", _without_echo(kind, own)) if part)
        levels = counted_text(told["counted"]) if told is not None else ""
        note = [_("probably SUV")] if told is not None and told["suv"] else []
        about = [levels or (human_count(images, _("image"), _("images")) if isinstance(images, int) else ""), thickness, *note, size, license_name]
    else:
        contents = contents_text(told)
        name = f"{kind}: {contents}" if contents else _without_echo(kind, own, ": ")
        note = [maker_text(told), own if contents and own != contents else "", missing]
        about = [*note, license_name, size]
    values = (counted, thickness if is_image else "", size, license_name)
    uid = str(item.get("SeriesInstanceUID") or "")
    loads = what_loading_series_does(item.modality, sop_class)
    return SeriesNode(item.number, uid, name, _joined(about), values, is_image, _joined(note), loads, item.modality == SLIDES, below)


def _without_echo(kind: str, description: str, between: str = " ") -> str:
    """ "PET FDG" instead of "PET PET FDG"."""
    if re.match(rf"{re.escape(kind)}\b", description, re.IGNORECASE):
        return description
    return between.join(part for part in (kind, description) if part)


def missing_text(modality: str, missing: Mapping[str, int | None]) -> str:
    """What it takes to say what is in an object; "" where that is known."""
    if modality not in missing:
        return ""
    size = missing[modality]
    return (
        _("contents need {size} of further data (see Details)").format(size=human_size(size))
        if size
        else _("contents need further data (see Details)")
    )


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part and part != EMPTY)


def contents_text(told: TreeRow | None) -> str:
    """The first names and how many more: "Heart, Aorta +3"; of reports and annotations how many."""
    if told is not None and told["counted"]:
        of = ", ".join(told["contents"][:_MOST_NAMES])
        return f"{counted_text(told['counted'])} ({of})" if of else counted_text(told["counted"])
    if told is None or not told["contents"]:
        return human_count(told["parts"], _("segment"), _("segments")) if told is not None and told["parts"] else ""
    names = [" ".join(str(name).split()) for name in told["contents"]]
    more = max(told["parts"] or 0, len(names)) - len(names[:_MOST_NAMES])
    shown = ", ".join(names[:_MOST_NAMES])
    return _("{names} +{count}").format(names=shown, count=f"{more:,}") if more > 0 else shown


def maker_text(told: TreeRow | None) -> str:
    """Who drew it: a person, an algorithm and which."""
    if told is None:
        return ""
    who = {"person": _("by a person"), "algorithm": _("by an algorithm"), "both": _("by a person with an algorithm"), "": ""}[told["maker"]]
    name = " ".join(told["algorithm"].split())
    if told["maker"] == "person":
        return who
    return _("{who}: {name}").format(who=who, name=name) if who and name else who or name
