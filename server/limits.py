"""How much an operation may ask for: one pass that measures it, each fragment once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from server.calls import CallCount
from server.sizes import PAGED, Sizes

_NESTING = 60
_INTROSPECTION = frozenset({"__schema", "__type"})
# Lists of types and fields are longer than lists of data, and answered by the slower executor.
_INTROSPECTION_COST = 20
# So many values of an object cost as much as another object.
_VALUES = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, each inclusive; a document or operation beyond one is refused with its code."""

    document_bytes: int = 32_768
    tokens: int = 3_000
    comments: int = 100
    definitions: int = 60
    depth: int = 15
    fields: int = 2_000
    aliases: int = 100
    root_fields: int = 50
    directives: int = 100
    list_entries: int = 1_000
    representations: int = 5_000
    cost: int = 150_000
    oneinch_calls: int = 50
    algod_calls: int = 1_000
    # How many wallets, or tokens of a chain, share a call.
    shared: int = 50


class Measure(NamedTuple):
    """What one selection set adds wherever it is used, fragments spread out.

    `depth` counts fields inside fields, `nesting` selection sets of any kind, `width` the fields
    of the set itself, `values` those of them that have none inside. `cost` is in objects of the
    answer; `paged` is the part of the cost that is still to be multiplied by the page size of the
    field around the set. `representations` counts the entries of all `_entities`,
    `calls` the fields that ask a source.
    """

    depth: int = 0
    nesting: int = 0
    width: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    paged: int = 0
    representations: int = 0
    values: int = 0
    calls: int = 0


_NOTHING = Measure()


def refuse(code: str, message: str) -> GraphQLError:
    """An error that names the limit and repeats nothing of the input."""
    return GraphQLError(message, extensions={"code": code})


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Raise where the document has more definitions than are read."""
    if len(document.definitions) > limits.definitions:
        raise refuse(
            "DOCUMENT_TOO_LARGE",
            f"The document has more than {limits.definitions} operations and fragments.",
        )


def measure(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    sizes: Sizes,
    limits: Limits,
) -> Measure:
    """The operation's measure, or a GraphQLError with the code of the first limit it breaks.

    Works on documents that are not validated: unknown fields and fragments cost what a known one
    would, cycles end. Takes time in proportion to the document's length.
    """
    root = schema.get_root_type(operation.operation)
    walk = _Pass(schema, fragments, sizes, limits)
    whole = walk.selections(operation.selection_set, root, 0, 0)
    whole = whole._replace(directives=whole.directives + len(operation.directives or ()))
    _check(whole, limits)
    if whole.width > limits.root_fields:
        raise refuse(
            "TOO_MANY_ROOT_FIELDS",
            f"The operation has {whole.width} root fields, {limits.root_fields} are allowed.",
        )
    if whole.representations > limits.representations:
        raise refuse(
            "LIST_TOO_LONG",
            f"The operation has {whole.representations} representations in its _entities,"
            f" {limits.representations} are allowed.",
        )
    total = whole.cost + whole.paged * PAGED
    if total > limits.cost:
        raise refuse(
            "OPERATION_TOO_COSTLY",
            f"The operation could answer with {min(total, 10**12)} objects, {limits.cost} are"
            " allowed: ask for smaller pages or fewer lists inside lists.",
        )
    if whole.calls:
        count = CallCount(schema, fragments, sizes, walk.calling)
        _check_calls(count.of(operation.selection_set, root, limits.shared), limits)
    return whole


def _check_calls(calls: Mapping[str, int], limits: Limits) -> None:
    for source, most in (("portfolio", limits.oneinch_calls), ("algorand", limits.algod_calls)):
        if calls.get(source, 0) > most:
            raise refuse(
                "TOO_MANY_CALLS",
                f"The operation could cause {calls[source]} calls to the {source} source, {most}"
                " are allowed: ask for fewer moments, wallets or pages at once.",
            )


def _check(found: Measure, limits: Limits) -> None:
    if found.fields > limits.fields:
        raise refuse(
            "OPERATION_TOO_LARGE",
            f"The operation has more than {limits.fields} fields with its fragments spread out.",
        )
    if found.aliases > limits.aliases:
        raise refuse("TOO_MANY_ALIASES", f"The operation has more than {limits.aliases} aliases.")
    if found.directives > limits.directives:
        raise refuse(
            "TOO_MANY_DIRECTIVES", f"The operation has more than {limits.directives} directives."
        )


class _Pass:
    """One walk over an operation. A fragment's measure is its own and is added at every use."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        sizes: Sizes,
        limits: Limits,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.sizes = sizes
        self.limits = limits
        self.known: dict[str, Measure] = {}
        self.open: set[str] = set()
        self.calling: set[int] = set()

    def selections(
        self, node: SelectionSetNode, parent: GraphQLNamedType | None, depth: int, nesting: int
    ) -> Measure:
        """The set's own measure; `depth` and `nesting` say how deep it stands."""
        self._check_depth(depth, nesting + 1)
        deepest = inner = width = fields = aliases = directives = cost = paged = 0
        representations = values = calls = 0
        for selection in node.selections:
            directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                found = self._field(selection, parent, depth, nesting)
                aliases += selection.alias is not None
                width += 1
                fields += 1
            elif isinstance(selection, FragmentSpreadNode):
                found = self._spread(selection.name.value, depth, nesting)
                width += found.width
            else:
                assert isinstance(selection, InlineFragmentNode)  # noqa: S101
                condition = selection.type_condition
                kind = self.schema.get_type(condition.name.value) if condition else parent
                found = self.selections(selection.selection_set, kind, depth, nesting + 1)
                width += found.width
            deepest = max(deepest, found.depth)
            inner = max(inner, found.nesting)
            fields += found.fields
            aliases += found.aliases
            directives += found.directives
            cost += found.cost
            paged += found.paged
            representations += found.representations
            values += found.values
            calls += found.calls
        if calls:
            self.calling.add(id(node))
        whole = Measure(
            deepest,
            inner + 1,
            width,
            fields,
            aliases,
            directives,
            cost,
            paged,
            representations,
            values,
            calls,
        )
        _check(whole, self.limits)
        return whole

    def _field(
        self, node: FieldNode, parent: GraphQLNamedType | None, depth: int, nesting: int
    ) -> Measure:
        """What a field adds beside itself: its depth, and all that its selections add."""
        name = node.name.value
        definition = self._definition(parent, name)
        size = self.sizes.of(node, definition)
        has_calls = self.sizes.calls(definition) is not None
        if node.selection_set is None:
            self._check_depth(depth + 1, nesting)
            cost = size.weight - 1 if size.weight > 1 else 0
            return Measure(depth=1, cost=cost, values=1, calls=int(has_calls))
        # The standard introspection query is deeper than any data query has to be; it is bounded
        # by its tokens, its cost and graphql-core's own rule on it.
        is_exempt = name in _INTROSPECTION
        kind = get_named_type(definition.type) if definition else None
        below = self.selections(
            node.selection_set, kind, -_NESTING if is_exempt else depth + 1, nesting + 1
        )
        each = size.weight + below.values // _VALUES + below.cost + below.paged * size.page
        if is_exempt:
            each *= _INTROSPECTION_COST
        return below._replace(
            depth=1 if is_exempt else below.depth + 1,
            width=0,
            cost=0 if size.is_paged else each * size.entries,
            paged=each if size.is_paged else 0,
            representations=size.entries if name == "_entities" else below.representations,
            values=0,
            calls=below.calls + has_calls,
        )

    def _definition(self, parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return self.schema.get_field(parent, name)
        return None

    def _spread(self, name: str, depth: int, nesting: int) -> Measure:
        found = self.known.get(name)
        if found is None:
            fragment = self.fragments.get(name)
            if fragment is None or name in self.open:
                return _NOTHING
            self.open.add(name)
            kind = self.schema.get_type(fragment.type_condition.name.value)
            found = self.selections(fragment.selection_set, kind, depth, nesting + 1)
            self.open.discard(name)
            self.known[name] = found
        else:
            self._check_depth(depth + found.depth, nesting + 1 + found.nesting)
        return found

    def _check_depth(self, depth: int, nesting: int) -> None:
        if depth > self.limits.depth or nesting > _NESTING:
            raise refuse(
                "OPERATION_TOO_DEEP",
                f"The operation nests its fields deeper than {self.limits.depth}.",
            )
