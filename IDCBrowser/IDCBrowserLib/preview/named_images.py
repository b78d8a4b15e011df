"""The images that objects made from images name themselves: reports, doses, plans and the like, where no index says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from IDCBrowserLib.api.catalog import Related
from IDCBrowserLib.catalog.related import DERIVED_MODALITIES, IT_REFERS_TO
from IDCBrowserLib.catalog.selection_scope import Images
from IDCBrowserLib.catalog.told_relations import Told, placed, reached
from IDCBrowserLib.preview.references import Where, references_in, told_about
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# Of so many what is between them and their images is looked for in the rest of their study.
_MOST_STUDIES = 20


def image_reader(catalog: Catalog, where: Where, task: Task, kept: MutableMapping[str, Told]) -> Callable[[Sequence[str]], Images]:
    """``named_images`` for ``SelectionScope.read``."""
    return partial(named_images, catalog, where, task, kept)


def named_images(catalog: Catalog, where: Where, task: Task, kept: MutableMapping[str, Told], series_uids: Sequence[str]) -> dict[str, list[str]]:
    """By SeriesInstanceUID the image series of this release that derived series refer to, directly or through others: a dose through its plan.

    Those whose images are not known are not in it. ``where`` and ``kept`` as in ``references_in``. Raises ``CancelledError``.
    """
    lookup = Lookup(catalog)
    told = references_in(list(lookup.series(series_uids).values()), where, task, kept)
    references = placed(told)
    ways = {uid: list(reached(uid, references, told)) for uid in told}
    modalities = {uid: one.modality for uid, one in lookup.series(list({other for others in ways.values() for other in others})).items()}
    found = {uid: [other for other in others if modalities.get(other, "SEG") not in DERIVED_MODALITIES] for uid, others in ways.items()}
    # What names nothing at all leads nowhere.
    indirect = [uid for uid, images in found.items() if not images and (told[uid].series or told[uid].objects)]
    for uid in indirect[:_MOST_STUDIES]:
        task.raise_if_cancelled()
        of_study = told_about(catalog, uid, where, task, kept)
        found[uid] = images_of_answer(catalog.related(uid, of_study), uid, of_study)
    return {uid: images for uid, images in found.items() if images}


def images_of_answer(answer: Related, series_uid: str, told: Mapping[str, Told]) -> list[str]:
    """The images that a series refers to of what ``Catalog.related`` gave; none where it is an image, or was not read itself."""
    rows = answer["series"] if series_uid in told else ()
    return [str(row["SeriesInstanceUID"]) for row in rows if row["relation"] == IT_REFERS_TO and row["Modality"] not in DERIVED_MODALITIES]
