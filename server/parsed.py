"""Parsed documents as they are kept: without the tokens they were read from, their bytes known."""

from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, NameNode, SelectionSetNode, Token, TokenKind
from graphql.language.ast import QUERY_DOCUMENT_KEYS, Node

# As measured: a node, most of them with their place, and a letter in names and strings, besides
# that of the text.
_NODE_BYTES = 200
_LETTER_BYTES = 1
_NO_TOKEN = Token(TokenKind.SOF, 0, 0, 0, 0)


def slim(document: DocumentNode) -> int:
    """Drop what a valid document does not need to be executed; the bytes that are left.

    Of the tokens nothing reads more than the places, and no error is placed at a name by itself or
    at a selection set.
    """
    _unlink(document)
    nodes = 0
    for node in _nodes(document):
        nodes += 1
        if isinstance(node, NameNode | SelectionSetNode):
            object.__setattr__(node, "loc", None)
        elif node.loc is not None:
            node.loc.start_token = node.loc.end_token = _NO_TOKEN
    text = document.loc.source.body if document.loc else ""
    return _NODE_BYTES * nodes + (_LETTER_BYTES + _width(text)) * len(text)


def _unlink(document: DocumentNode) -> None:
    """Cut the chain of tokens: they hold each other."""
    token = document.loc.start_token if document.loc else None
    while token is not None:
        after = token.next
        token.prev = token.next = None
        token = after


def _nodes(document: DocumentNode) -> Iterator[Node]:
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        yield node
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            inner = getattr(node, key)
            if isinstance(inner, tuple):
                waiting += inner
            elif inner is not None:
                waiting.append(inner)


def _width(text: str) -> int:
    """Bytes that Python takes for each letter."""
    return 1 if text.isascii() else 4
