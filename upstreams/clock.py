"""`Clock`: what tells the time in seconds, so that a test may set it."""

from collections.abc import Callable

Clock = Callable[[], float]
