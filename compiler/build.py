"""Selection sets to plan: which operations are taken, and what each field needs to be run."""

from __future__ import annotations

from itertools import count
from typing import Any

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from compiler.fields import Reader, TypeTest, keeps, picked_by_class, reader_of, test_of
from compiler.generate import generate
from compiler.leaves import leaf_of
from compiler.plan import (
    Abstract,
    FieldPlan,
    Leaf,
    Listing,
    Object,
    Selection,
    Shape,
    innermost,
    weigh,
)
from compiler.reading import read_with
from compiler.resume import loop_of
from compiler.variables import Variables, argument_named

serials = count(1)
INTROSPECTION = {"__schema", "__type"}
VARIANTS_KEPT = 16
PLAN_BYTES = 3_000
VARIABLE_BYTES = 400


class Plan:
    """An operation made ready to run.

    @skip and @include are decided before anything runs: there is a selection for each
    combination of the variables they name, built when it first turns up.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        conditions: tuple[str, ...],
        hot: int,
    ) -> None:
        self.schema = schema
        self.document = document
        self.operation = operation
        self.fragments = fragments
        self.details = {name: FragmentDetails(node) for name, node in fragments.items()}
        self.conditions = conditions
        self.hot = hot
        self.variables = Variables(schema, operation)
        self.variants: dict[tuple[Any, ...], Selection] = {}

    def weigh(self) -> int:
        """Estimated bytes of what is kept beside the document, as measured."""
        size = PLAN_BYTES + VARIABLE_BYTES * len(self.variables.nodes)
        return size + sum(map(weigh, self.variants.values()))

    def root(self, variables: VariableValues) -> Selection | None:
        """The root selection under these variables; None if the stock executor must judge them."""
        key = tuple(variables.coerced.get(name) for name in self.conditions)
        known = self.variants.get(key)
        if known is not None:
            return known
        if not all(isinstance(value, bool) for value in key):
            return None
        if len(self.variants) >= VARIANTS_KEPT:
            self.variants.clear()
        kept = VariableValues(
            {name: variables.sources[name] for name in self.conditions},
            dict(zip(self.conditions, key, strict=True)),
        )
        selection = Builder(self, kept).root()
        if selection is not None:
            self.variants[key] = selection
        return selection


def compile(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None = None,
    *,
    hot: int = 64,
) -> Plan | None:
    """The plan of one operation of a valid document, or None: then the stock executor runs it.

    Not taken: anything but queries, introspection, directives other than @skip and @include,
    fragment arguments, and documents that name no or several fitting operations. `hot` is the
    number of objects a selection sees before a function is generated for it.
    """
    operation: OperationDefinitionNode | None = None
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
        elif isinstance(definition, OperationDefinitionNode):
            name = definition.name.value if definition.name else None
            if operation_name is not None and name != operation_name:
                continue
            if operation_name is None and operation is not None:
                return None
            operation = definition
    if operation is None or operation.operation is not OperationType.QUERY:
        return None
    if operation.directives or schema.query_type is None:
        return None
    conditions: dict[str, None] = {}
    try:
        taken = survey(operation.selection_set, fragments, conditions, set())
    except RecursionError:
        return None
    if not taken or schema.get_directive("defer") or schema.get_directive("stream"):
        return None
    return Plan(schema, document, operation, fragments, tuple(conditions), hot)


def survey(
    selection_set: SelectionSetNode,
    fragments: dict[str, FragmentDefinitionNode],
    conditions: dict[str, None],
    seen: set[str],
) -> bool:
    """Note the variables of @skip and @include; False at anything that is not taken."""
    for node in selection_set.selections:
        for directive in node.directives or ():
            if directive.name.value not in ("skip", "include"):
                return False
            value = argument_named(directive.arguments or (), "if")
            if isinstance(value, VariableNode):
                conditions[value.name.value] = None
            elif not isinstance(value, BooleanValueNode):
                return False
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            fragment = fragments.get(name)
            if fragment is None or fragment.variable_definitions or node.arguments:
                return False
            if name not in seen:
                seen.add(name)
                if not survey(fragment.selection_set, fragments, conditions, seen):
                    return False
        else:
            if isinstance(node, FieldNode) and node.name.value in INTROSPECTION:
                return False
            inner = getattr(node, "selection_set", None)
            if inner is not None and not survey(inner, fragments, conditions, seen):
                return False
    return True


class Builder:
    """Builds the selections of one variant of a plan."""

    def __init__(self, plan: Plan, variables: VariableValues) -> None:
        self.schema = plan.schema
        self.operation = plan.operation
        self.fragments = plan.details
        self.variables = variables
        self.hot = plan.hot

    def root(self) -> Selection | None:
        """The root selection; None where graphql-core would report an error."""
        query = self.schema.query_type
        assert query is not None  # noqa: S101  `compile` has looked
        try:
            collected = collect_fields(
                self.schema, self.fragments, self.variables, query, self.operation
            )
            return self.selection(query, collected.grouped_field_set)
        except (GraphQLError, RecursionError):
            return None

    def below(self, type_: GraphQLObjectType, details: FieldDetailsList) -> Selection:
        """The merged selection on an object type below a field."""
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type_, details
        )
        return self.selection(type_, collected.grouped_field_set)

    def selection(self, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> Selection:
        """One plan node a response key. Fields the type does not have are left out."""
        fields = [
            plan
            for key, details in grouped.items()
            if (plan := self.field(type_, key, details)) is not None
        ]
        is_kept = keeps(type_, "objects") and all(is_settled(each) for each in fields)
        serial = next(serials) if is_kept else 0
        return Selection(type_, known_test(type_), fields, self.hot, generate, serial)

    def field(
        self, parent: GraphQLObjectType, key: str, details: FieldDetailsList
    ) -> FieldPlan | None:
        """The plan of one field."""
        nodes = [each.node for each in details]
        name = nodes[0].name.value
        definition = self.schema.get_field(parent, name)
        if definition is None:
            return None
        reader = known_reader(self.schema, parent, definition, name)
        shape = self.shape(definition.type, details)
        plan = FieldPlan(
            key=key,
            name=name,
            parent=parent,
            definition=definition,
            details=details,
            reader=reader,
            shape=shape,
            read=read_with(reader, parent, definition, nodes),
            may_wait=reader.is_async or may_wait(shape),
        )
        if keeps(parent, "lists") and isinstance(shape, Listing) and is_settled(plan):
            plan.serial = next(serials)
        while isinstance(shape, Listing):
            shape.loop = loop_of(shape)
            shape = shape.item
        return plan

    def shape(self, declared: GraphQLOutputType, details: FieldDetailsList) -> Shape:
        """How a value of the declared type is completed."""
        non_null = is_non_null_type(declared)
        type_: Any = declared.of_type if is_non_null_type(declared) else declared
        if is_list_type(type_):
            return Listing(declared, non_null, self.shape(type_.of_type, details))
        if is_leaf_type(type_):
            return known_leaf(declared, type_, non_null)
        if is_object_type(type_):
            return Object(declared, non_null, self.below(type_, details))
        assert is_abstract_type(type_)  # noqa: S101  no other output types exist
        built: dict[str, Selection] = {}

        def select(runtime: GraphQLObjectType) -> Selection:
            selection = built.get(runtime.name)
            if selection is None:
                selection = built[runtime.name] = self.below(runtime, details)
            return selection

        by_class = picked_by_class(type_, self.schema.get_possible_types(type_))
        return Abstract(declared, non_null, type_, select, by_class, built)


def is_settled(field: FieldPlan) -> bool:
    """Whether the completed value depends on the record alone, not on the request."""
    reader = field.reader
    if reader.kind == "resolver" or reader.takes_info or reader.is_async:
        return False
    inner = innermost(field.shape)
    if isinstance(inner, Object):
        return all(map(is_settled, inner.selection.fields))
    return isinstance(inner, Leaf)


def may_wait(shape: Shape) -> bool:
    """Whether completing such a value may give an awaitable, as far as can be known."""
    inner = innermost(shape)
    return isinstance(inner, Abstract) or (isinstance(inner, Object) and inner.selection.may_wait)


def known_reader(
    schema: GraphQLSchema, parent: GraphQLObjectType, definition: Any, name: str
) -> Reader:
    """The field's reader, kept with its definition: it depends on the schema alone."""
    if name == "__typename":
        name_of: Reader | None = parent.extensions.get("compiler-name")
        if name_of is None:
            name_of = Reader("constant", "the type's name", function=parent.name)
            parent.extensions["compiler-name"] = name_of
        return name_of
    kept: Reader | None = definition.extensions.get("compiler-reader")
    if kept is None or kept.resolve is not definition.resolve:
        kept = reader_of(schema, definition)
        kept.resolve = definition.resolve
        definition.extensions["compiler-reader"] = kept
    return kept


def known_leaf(declared: Any, type_: Any, non_null: bool) -> Leaf:
    """The plan for a leaf, kept with its type: most fields of an operation are leaves."""
    kept: dict[bool, Leaf] = type_.extensions.setdefault("compiler-leaf", {})
    leaf = kept.get(non_null)
    if leaf is None or leaf.coerce != type_.coerce_output_value:
        leaf = kept[non_null] = leaf_of(declared, type_, non_null)
    return leaf


def known_test(type_: GraphQLObjectType) -> TypeTest | None:
    """The type's test, kept with the type."""
    kept: TypeTest | None = type_.extensions.get("compiler-test")
    if type_.is_type_of is None:
        return None
    if kept is None or kept.function is not type_.is_type_of:
        kept = test_of(type_)
        type_.extensions["compiler-test"] = kept
    return kept
