"""Where we are in the answer, as cheap linked tuples that become a graphql-core Path on demand.

A link is None at the root, or (link before, key). The key is a field plan, an index, or the
list being filled, whose length is the index of the item in the works: so a loop makes one
tuple for all its items. Such a link must be frozen before anything awaits.
"""

from __future__ import annotations

from typing import Any

from graphql.pyutils import Path

Link = tuple[Any, Any] | None


def freeze(link: Link) -> Link:
    """The same link with indices in place of lists."""
    if link is None:
        return None
    before, key = link
    return (freeze(before), len(key) if type(key) is list else key)


def to_path(link: Link) -> Path:
    """The link as graphql-core writes it: fields carry the type they are on, items do not."""
    if link is None:
        raise ValueError("the root has no path")
    before, key = link
    prev = None if before is None else to_path(before)
    if type(key) is int:
        return Path(prev, key, None)
    if type(key) is list:
        return Path(prev, len(key), None)
    return Path(prev, key.key, key.parent.name)


def of_field(link: Link) -> Link:
    """The link of the field whose list this item is in."""
    while link is not None and (type(link[1]) is int or type(link[1]) is list):
        link = link[0]
    return link
