"""The first slices of a made-up series, behind the engine's methods."""

from __future__ import annotations

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import first_slices as api
from IDCBrowserLib.api.values import Nothing


class FakeFirstSlices:
    """``present`` are the k that the next look finds, None where no stack can be made; ``open`` are those that were not closed."""

    def __init__(self) -> None:
        self.present: list[int] | None = [0, 2, 5]
        self.has_more = False
        self.open: dict[int, api.OpenParameters] = {}
        self.looks: list[api.LookParameters] = []
        self._number = 0

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {**answer(api.OPEN, self.begin), **answer(api.LOOK, self.look), **answer(api.CLOSE, self.close)}

    def begin(self, params: api.OpenParameters) -> api.FirstSlicesHandle:
        self._number += 1
        self.open[self._number] = params
        return {"slices": self._number}

    def look(self, params: api.LookParameters) -> api.Seen:
        self.looks.append(params)
        opened = self.open[params["slices"]]
        return {"volume": None if self.present is None else _volume(opened, self.present), "has_more": self.has_more}

    def close(self, params: api.FirstSlicesHandle) -> Nothing:
        del self.open[params["slices"]]
        return {}


def _volume(opened: api.OpenParameters, present: list[int]) -> api.Shown:
    shape = [opened["expected"], 4, 6]
    return {
        "array": "/exchange/1.raw",
        "dtype": "int16",
        "shape": shape,
        "geometry": {"shape": shape, "spacing": [1, 1, 2], "origin": [0, 0, 0], "directions": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        "present": present,
        "of": opened["expected"],
        "window": (40.0, 400.0),
        "inverted": False,
        "series_uid": opened["series"],
        "modality": "CT",
        "series_description": "Chest",
        "series_number": "3",
        "patient_id": "P1",
        "patient_name": "",
    }
