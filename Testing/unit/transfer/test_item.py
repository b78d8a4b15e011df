"""One series on its way: which states follow which, and what it keeps."""

from __future__ import annotations

import pytest
from helpers.planned import planned

from IDCBrowserLib.transfer.item import TransferItem, TransferState

S = TransferState
STEPS = {
    S.QUEUED: {S.LISTING},
    S.LISTING: {S.QUEUED, S.TRANSFERRING, S.VERIFYING},
    S.TRANSFERRING: {S.VERIFYING},
    S.VERIFYING: {S.TRANSFERRING, S.COMPLETE},
}


def item(state: TransferState = S.QUEUED, **values: int) -> TransferItem:
    return TransferItem(planned("a" * 8, size_bytes=500), "CT", state, **values)


@pytest.mark.parametrize("before", S)
@pytest.mark.parametrize("after", S)
def test_a_series_is_complete_only_after_it_was_verified_and_ends_once(before: TransferState, after: TransferState) -> None:
    one = item(before)
    may_end = before in STEPS and after in (S.FAILED, S.CANCELLED)
    # Files of a complete series may go before the transfer ends.
    files_went = (before, after) == (S.COMPLETE, S.FAILED)
    if after is before or after in STEPS.get(before, ()) or may_end or files_went:
        one.go(after)
        assert one.state is after
    else:
        with pytest.raises(AssertionError, match=f"cannot go from {before.value} to {after.value}"):
            one.go(after)
        assert one.state is before
    assert one.ended is (one.state in (S.COMPLETE, S.FAILED, S.CANCELLED))


@pytest.mark.parametrize(
    ("state", "files", "is_incomplete"), [(S.FAILED, 1, True), (S.FAILED, 0, False), (S.COMPLETE, 1, False), (S.CANCELLED, 1, False)]
)
def test_a_series_that_failed_with_files_is_incomplete(state: TransferState, files: int, is_incomplete: bool) -> None:
    assert item(state, files_done=files).is_incomplete is is_incomplete


def test_until_it_is_listed_a_series_is_as_large_as_the_index_says() -> None:
    assert (item().bytes_total, item().files_total, item().files(), item().completed) == (500, 0, {}, 0.0)


def test_the_files_of_a_complete_series_are_kept() -> None:
    one = item()
    one.keep_files({"a.dcm": 3, "b.dcm": 4})
    assert one.files() == {"a.dcm": 3, "b.dcm": 4} and one.completed > 0
