"""A person names a cohort for others, compares it with a former release, and looks after what is on this computer; by clicks and keys."""

from pathlib import Path

from helpers.hands import Hands
from told import cohort, shelf
from told.index import opened_index

from IDCBrowserLib.demo.world import World


def test_a_cohort_is_compared_with_a_former_release(catalog: Hands) -> None:
    with opened_index() as index:
        cohort.it_is_compared_with_a_former_release(catalog, index)


def test_a_pasted_list_and_a_mistyped_name_are_opened(catalog: Hands) -> None:
    shelf.a_pasted_list_is_a_working_set(catalog)
    shelf.a_mistyped_name_is_found(catalog)


def test_a_cohort_is_shared_as_a_folder_and_checked(hands: Hands, world: World, tmp_path: Path) -> None:
    cohort.it_is_shared_as_a_folder_and_checked(hands, world, tmp_path)


def test_what_is_here_is_listed_cited_and_removed_through_its_menu(hands: Hands, world: World) -> None:
    cohort.what_is_here_is_listed_cited_and_removed(hands, world)
