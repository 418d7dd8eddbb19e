"""The dashboard in a real browser, over the sandbox."""

from collections.abc import Callable


def test_it_shows_what_wallets_hold(in_browser: Callable[[str], None]) -> None:
    in_browser("dashboard.mjs")


def test_it_says_what_failed_and_tries_again(in_browser: Callable[[str], None]) -> None:
    in_browser("failures.mjs")


def test_a_link_says_which_wallets_and_how_they_are_looked_at(
    in_browser: Callable[[str], None],
) -> None:
    in_browser("links.mjs")


def test_it_keeps_up_with_its_figures_and_says_where_they_come_from(
    in_browser: Callable[[str], None],
) -> None:
    in_browser("refresh.mjs")


def test_it_tells_rows_apart_and_says_which_are_left_out(in_browser: Callable[[str], None]) -> None:
    in_browser("rows.mjs")


def test_it_shows_accounts_in_dollars_and_pictures_of_nfts(
    in_browser: Callable[[str], None],
) -> None:
    in_browser("priced.mjs")
