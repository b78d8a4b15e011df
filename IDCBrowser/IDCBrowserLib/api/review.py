"""Methods on review lists: entries that readers judge one after the other. The engine has one list open at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, final

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.selection import Picked, Unresolved
from IDCBrowserLib.api.values import Code, Nothing
from IDCBrowserLib.api.working_set import Rows

# Of an answer; None takes it back.
Value = int | str | bool | None

# ``kind``: "rating" (``from`` ... ``to``), "choice" (of ``options``), "text" or "flag"; ``about``: "case" or "segment". See ``review.form``.
Question = TypedDict(
    "Question",
    {"key": str, "text": str, "kind": str, "about": str, "options": Sequence[str], "from": int, "to": int, "code": Code},
    total=False,
)


class Form(TypedDict):
    """What is asked."""

    questions: Sequence[Question]


@final
class Source(Picked, total=False):
    """What is to be judged: ``sources`` (files or identifiers), ``selections``, what is in the ``cart``, or ``rows`` of a query."""

    sources: Sequence[str]
    rows: Rows


class MakeParameters(TypedDict):
    """``unit``: what one entry is, "images", "studies" or "cases". ``ahead`` entries are fetched before they are asked for, of at most
    ``cap_bytes``; ``blinded`` hides who made segmentations."""

    file: str
    name: str
    form: Form
    source: Source
    unit: str
    blinded: bool
    ahead: int
    cap_bytes: int


class Made(TypedDict):
    """``unresolved``: the first 20 of ``unresolved_count`` lines that name nothing. ``large_entries`` have more series than are loaded at once, the
    largest ``most_series``."""

    file: str
    entries: int
    large_entries: int
    most_series: int
    unresolved: Sequence[Unresolved]
    unresolved_count: int
    warnings: Sequence[str]


MAKE: Method[MakeParameters, Made] = Method("review.make", "work")


class ListFile(TypedDict):
    """A file."""

    file: str


class Opened(TypedDict):
    """A list, with who has begun it."""

    file: str
    name: str
    entries: int
    form: Form
    blinded: bool
    ahead: int
    cap_bytes: int
    readers: Sequence[str]


OPEN: Method[ListFile, Opened] = Method("review.open", "review", is_kept=True)
"""Closes the one that was open. No other program can use it until ``CLOSE``."""

CLOSE: Method[Nothing, Nothing] = Method("review.close", "review", is_kept=True)


class Reader(TypedDict):
    """By name."""

    reader: str


class Begun(TypedDict):
    """``entry`` is where the reader stopped, counted from 0."""

    reader: str
    entry: int


BEGIN: Method[Reader, Begun] = Method("review.begin", "review", is_kept=True)


class EntryParameters(Reader):
    """Counted from 0."""

    entry: int


class SeriesOf(TypedDict):
    """With the column names of idc-index."""

    SeriesInstanceUID: str
    StudyInstanceUID: str
    Modality: str
    SeriesDescription: str
    size_bytes: int


class Answered(TypedDict):
    """``segment`` is "" for the entry as a whole."""

    segment: str
    question: str
    value: Value


class SavedCorrection(TypedDict):
    """The DICOM SEG at ``path`` is what a reader made of a segmentation series."""

    series_uid: str
    path: str


class Entry(TypedDict):
    """``answers`` and ``corrections`` are of this reader, ``answered`` counts entries with answers; ``seconds``: how long the reader looked at it
    before."""

    entry: int
    name: str
    PatientID: str
    series: Sequence[SeriesOf]
    answers: Sequence[Answered]
    corrections: Sequence[SavedCorrection]
    answered: int
    seconds: float


ENTRY: Method[EntryParameters, Entry] = Method("review.entry", "review", is_kept=True)
"""Also remembers it as the reader's place."""


class AnswerParameters(EntryParameters, Answered):
    """What a reader says."""


class Progress(TypedDict):
    """Entries with answers of a reader."""

    answered: int


ANSWER: Method[AnswerParameters, Progress] = Method("review.answer", "review", is_kept=True)
"""On the disk when it is answered."""


class SpentParameters(EntryParameters):
    """Time to add."""

    seconds: float


SPENT: Method[SpentParameters, Nothing] = Method("review.spent", "review", is_kept=True)


class Segment(TypedDict):
    """See ``review.answers.Segment``."""

    key: str
    name: str
    code: str
    series_uid: str
    object_uid: str
    object_class: str
    number: int
    image_series_uid: str


class SeenParameters(TypedDict):
    """What an entry turned out to hold, for tables and reports; ``file`` is one of its images, "" where there is none."""

    entry: int
    segments: Sequence[Segment]
    file: str


SEEN: Method[SeenParameters, Nothing] = Method("review.seen", "review", is_kept=True)


class NextParameters(Reader):
    """Behind which entry."""

    after: int


class Next(TypedDict):
    """None where every entry has answers."""

    entry: int | None


NEXT: Method[NextParameters, Next] = Method("review.next", "review", is_kept=True)
"""The next entry without answers of this reader."""


class PlaceInList(TypedDict):
    """Counted from 0."""

    entry: int


class ToFetch(TypedDict):
    """An entry and its series."""

    entry: int
    series: Sequence[SeriesOf]


class Ahead(TypedDict):
    """What to do while an entry is looked at: ``fetch`` these, that entry first, and ``remove`` series that this list fetched and that are out of
    reach. ``before``: the entry before it, if there is one, which stays where it is.
    """

    fetch: Sequence[ToFetch]
    before: Sequence[ToFetch]
    remove: Sequence[str]


AHEAD: Method[PlaceInList, Ahead] = Method("review.ahead", "review", is_kept=True)


class FetchingParameters(PlaceInList):
    """Series of which nothing is here."""

    series: Sequence[str]


FETCHING: Method[FetchingParameters, Nothing] = Method("review.fetching", "review", is_kept=True)
"""Before they are downloaded for the list."""


class SeriesUids(TypedDict):
    """SeriesInstanceUIDs."""

    series: Sequence[str]


REMOVED: Method[SeriesUids, Nothing] = Method("review.removed", "review", is_kept=True)


class CorrectionPath(TypedDict):
    """``path`` to write to."""

    path: str


class CorrectionParameters(EntryParameters):
    """Of which segmentation."""

    series_uid: str


CORRECTION: Method[CorrectionParameters, CorrectionPath] = Method("review.correction", "review", is_kept=True)
"""Where to write a corrected segmentation; makes the folder."""


class CorrectedParameters(CorrectionParameters, CorrectionPath):
    """What was written."""


CORRECTED: Method[CorrectedParameters, Nothing] = Method("review.corrected", "review", is_kept=True)


class AgreementRow(TypedDict):
    """See ``review.agreement.Agreement``; ``question`` in words."""

    question: str
    about: str
    readers: Sequence[str]
    measure: str
    compared: int
    same: float | None
    kappa: float | None


class Agreement(TypedDict):
    """Of all readers."""

    rows: Sequence[AgreementRow]


AGREEMENT: Method[Nothing, Agreement] = Method("review.agreement", "review", is_kept=True)


class Exported(TypedDict):
    """``files`` that were written, with ``answers`` in all; ``warnings`` are sentences."""

    files: Sequence[str]
    answers: int
    warnings: Sequence[str]


EXPORT: Method[ListFile, Exported] = Method("review.export", "review", is_kept=True)
"""All answers to ``file``: ``.csv``, ``.tsv``, ``.json`` or ``.parquet``; ``.dcm`` is the name of several, one for each entry and reader."""
