"""A bound on the errors in one answer: the first are listed, the rest are counted in one."""

from typing import Any

from graphql import GraphQLError, is_non_null_type, located_error
from graphql.execution import Executor
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path

MOST_ERRORS = 200
CODE = "TOO_MANY_ERRORS"


class BoundedErrors(CollectedErrors):
    """Keeps the first errors, and of the others only the places they made null."""

    __slots__ = ("left_out",)

    def __init__(self) -> None:
        super().__init__()
        self.left_out = 0

    @property
    def is_full(self) -> bool:
        return len(self._errors) >= MOST_ERRORS

    def note(self, error: GraphQLError, path: Path) -> None:
        """List an error beside the data at its place, which stays."""
        if self.has_nulled_position(path):
            return
        if self.is_full:
            self.left_out += 1
        else:
            self._errors.append(error)

    def add(self, error: GraphQLError, path: Path | None) -> None:
        if not self.is_full:
            super().add(error, path)
        elif not self.has_nulled_position(path):
            self._error_positions.add(path)
            self.left_out += 1


class FewErrors(Executor[Any]):
    """For a class of executors: an error beyond the bound costs no more than its place."""

    collected_errors: BoundedErrors

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collected_errors = BoundedErrors()

    def handle_field_error(
        self, raw_error: Exception, return_type: Any, field_details_list: Any, path: Path
    ) -> None:
        collected = self.collected_errors
        if not collected.is_full:
            super().handle_field_error(raw_error, return_type, field_details_list, path)
            return
        # Errors take time and memory to make; this one only makes the place around it null.
        unlisted = GraphQLError("", path=[])
        if is_non_null_type(return_type):
            raise unlisted from None
        collected.add(unlisted, path)

    def note_partial(self) -> None:
        """List what the context has as `partial`: what fields could not answer, beside the rest."""
        for error, path in getattr(self.context_value, "partial", ()):
            self.collected_errors.note(located_error(error, None, path.as_list()), path)

    def build_response(self, data: dict[str, Any] | None) -> Any:
        self.note_partial()
        return self.with_count(super().build_response(data))

    def with_count(self, result: Any) -> Any:
        """The result, which says how many errors it does not list."""
        left_out = self.collected_errors.left_out
        if left_out and result.errors is not None:
            message = f"{left_out} more errors are not listed."
            result.errors.append(GraphQLError(message, extensions={"code": CODE}))
        return result
