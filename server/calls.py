"""How many calls to its sources an operation may cause: known before the first of them leaves."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NullValueNode,
    SelectionSetNode,
    get_named_type,
)

from schema.calls import Calls
from server.sizes import PAGED, Sizes


class Objects(NamedTuple):
    """The objects at a place: told from others by the way that leads there, and how many."""

    way: tuple[str, ...] = ()
    number: int = 1


# What is asked of a source apart: kind, and the arguments that tell calls apart.
_Group = tuple[str, ...]


class CallCount:
    """One walk over an operation, all fragments spread out: it has to be within the limits.

    Equal arguments count once, however many aliases have them; a variable equals only itself. A
    field that leads back to a type it came from (a position's wallet) names the same objects.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        sizes: Sizes,
        calling: set[int],
    ) -> None:
        """`calling` has the ids of the selection sets that have calls anywhere inside."""
        self._schema = schema
        self._fragments = fragments
        self._sizes = sizes
        self._calling = calling
        self._open: set[str] = set()
        # By source and group: the parts that are asked of each way, and how many objects it has.
        self._found: defaultdict[
            tuple[str, _Group, bool], dict[tuple[str, ...], tuple[int, set[str]]]
        ] = defaultdict(dict)
        self._numbers: dict[_Group, int] = {}

    def of(
        self, node: SelectionSetNode, root: GraphQLNamedType | None, most_shared: int
    ) -> dict[str, int]:
        """The calls by source, where up to `most_shared` objects share one."""
        self._selections(node, root, Objects(), {}, PAGED)
        calls: defaultdict[str, int] = defaultdict(int)
        for (source, group, is_shared), objects in self._found.items():
            number = self._numbers[group]
            if not is_shared:
                calls[source] += number * sum(count for count, _ in objects.values())
                continue
            by_part: defaultdict[str, int] = defaultdict(int)
            for count, parts in objects.values():
                by_part[parts.pop() if len(parts) == 1 else ""] += count
            calls[source] += number * sum(-(-count // most_shared) for count in by_part.values())
        return dict(calls)

    def _selections(
        self,
        node: SelectionSetNode,
        parent: GraphQLNamedType | None,
        objects: Objects,
        above: Mapping[str, Objects],
        page: int,
    ) -> None:
        """`above` has the objects of each type on the way; `page` is the length of lists here."""
        if id(node) not in self._calling:
            return
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                self._field(selection, parent, objects, above, page)
            elif isinstance(selection, FragmentSpreadNode):
                self._spread(selection.name.value, objects, above, page)
            else:
                assert isinstance(selection, InlineFragmentNode)  # noqa: S101
                condition = selection.type_condition
                kind = self._schema.get_type(condition.name.value) if condition else parent
                self._selections(selection.selection_set, kind, objects, above, page)

    def _spread(self, name: str, objects: Objects, above: Mapping[str, Objects], page: int) -> None:
        fragment = self._fragments.get(name)
        if fragment is None or name in self._open:
            return
        self._open.add(name)
        kind = self._schema.get_type(fragment.type_condition.name.value)
        self._selections(fragment.selection_set, kind, objects, above, page)
        self._open.discard(name)

    def _field(
        self,
        node: FieldNode,
        parent: GraphQLNamedType | None,
        objects: Objects,
        above: Mapping[str, Objects],
        page: int,
    ) -> None:
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return
        definition = self._schema.get_field(parent, node.name.value)
        if definition is None:
            return
        given = {argument.name.value: _text(argument) for argument in node.arguments or ()}
        calls = self._sizes.calls(definition)
        if calls is not None:
            self._note(calls, given, objects)
        if node.selection_set is None or id(node.selection_set) not in self._calling:
            return
        kind = get_named_type(definition.type)
        size = self._sizes.of(node, definition)
        known = above.get(kind.name)
        if known is None:
            texts = (f"{name}:{text}" for name, text in sorted(given.items()))
            entries = page if size.is_paged else size.entries
            way = (*objects.way, node.name.value, *texts)
            known = Objects(way, objects.number * max(1, entries))
        above = {**above, kind.name: known}
        self._selections(node.selection_set, kind, known, above, size.page)

    def _note(self, calls: Calls, given: Mapping[str, str], objects: Objects) -> None:
        if calls.is_single:
            objects = Objects()
        way = (*objects.way, *(given.get(name, "") for name in calls.each))
        group = (calls.kind, *(given.get(name, "") for name in calls.by))
        self._numbers[group] = calls.number
        found = self._found[calls.source, group, calls.is_shared]
        _, parts = found.get(way, (0, set()))
        parts.add(given.get(calls.part, "") if calls.part else "")
        found[way] = objects.number, parts


def _text(argument: ArgumentNode) -> str:
    """An argument as it is written; nothing where it is null, as if it were not there."""
    value = argument.value
    if isinstance(value, NullValueNode) or value.loc is None:
        return ""
    return value.loc.source.body[value.loc.start : value.loc.end]
