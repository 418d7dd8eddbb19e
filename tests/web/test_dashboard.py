"""The dashboard in a real browser, over the sandbox."""

from collections.abc import Callable


def test_it_shows_what_wallets_hold(in_browser: Callable[[str], None]) -> None:
    in_browser("dashboard.mjs")


def test_it_says_what_failed_and_tries_again(in_browser: Callable[[str], None]) -> None:
    in_browser("failures.mjs")
