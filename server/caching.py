"""What an answer says about being kept: Cache-Control, and Apollo Router's entity cache tags.

Answers are the same for whoever asks, so they are `public`, unless a secret is asked for: then no
cache may hand them to others. One is kept as long as the freshest moment of all that went into it
lasts. Errors, stale values, and answers in which anything has no age (the state of the sources) or
all (nothing dated was read) are `no-store`.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, VariableNode, value_from_ast_untyped

Tags = Callable[[object], list[str]]
"""The cache tags of the entity that a representation names."""


def cache_control(max_age: float | None, *, has_failed: bool, is_public: bool) -> bytes:
    """The header's value for seconds of freshness left; None if nothing dated was read."""
    if has_failed or max_age is None or max_age < 1:
        return b"no-store"
    return b"%b, max-age=%d" % (b"public" if is_public else b"private", math.floor(max_age))


def tags_of(
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    tags: Tags,
) -> list[list[str]] | None:
    """One list of tags for each representation, in order; None unless `_entities` is asked once.

    `tags` makes those of one: the type's name and `Type:key=value`, so that either all wallets or
    one can be invalidated.
    """
    asked = [
        node
        for node in operation.selection_set.selections
        if isinstance(node, FieldNode) and node.name.value == "_entities"
    ]
    if len(asked) != 1:
        return None
    value = (asked[0].arguments or ())[0].value  # the only argument there is, and required
    if isinstance(value, VariableNode):
        found = variables.get(value.name.value)
    else:
        found = value_from_ast_untyped(value, dict(variables))
    return [tags(item) for item in (found if isinstance(found, list) else [found])]
