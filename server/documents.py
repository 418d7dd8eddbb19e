"""Documents that were parsed and validated once are not parsed and validated again."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry import Schema
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from server.execute import Plans
from server.limits import Limits, check_document, measure, refuse
from server.parsed import slim
from server.sizes import Shapes, Sizes
from upstreams.source.cache import LRUCache

# graphql-core's own budget lets one document block the process for more than a second. It is read
# whenever a validation starts.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_MOST_ERRORS = 5
_MOST_MEASURED = 64
# The garbage collector looks at all of it now and then, and nothing else happens meanwhile.
MOST_BYTES = 32 << 20
MOST_NEW_BYTES = 4 << 20
_BASE_BYTES = 1_500
# A plan that has not been made yet, for each field it will have.
_FIELD_BYTES = 700
_WEIGHED_EVERY = 256
_MEASURED_BYTES = 100
_NUMBER_BYTES = 40
_TOO_LARGE = "Syntax Error: Document contains more than"


class NoSdlRule(ValidationRule):
    """Refuses `_service`, which tells the whole schema as introspection does."""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.name.value == "_service":
            message = "The schema is not shown: _service was asked for."
            self.report_error(GraphQLError(message, node))


class Refused(Exception):
    """A document or operation that will not be executed, with the errors to answer."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class Prepared:
    """A document fit to be executed: parsed, valid, and within the limits where it was measured."""

    def __init__(self, text: str, document: DocumentNode) -> None:
        self.text = text
        self.document = document
        self.operations: dict[str | None, OperationDefinitionNode] = {}
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self.operations[definition.name.value if definition.name else None] = definition
            elif isinstance(definition, FragmentDefinitionNode):
                self.fragments[definition.name.value] = definition
        # Sizes that were measured and found within the limits, by operation.
        self.measured: dict[str | None, tuple[tuple[str, ...], set[tuple[int | None, ...]]]] = {}
        # None until the document is used again.
        self.plans: Plans | None = None
        self.fields = 0
        self.parsed_bytes = 0
        self.size = 0
        self.uses = 0

    def weigh(self) -> int:
        """Estimated bytes of all that is kept of it."""
        size = _BASE_BYTES + self.parsed_bytes
        for names, sizes in self.measured.values():
            size += (_MEASURED_BYTES + _NUMBER_BYTES * len(names)) * len(sizes)
        if self.plans is None:
            return size
        if not self.plans:
            return size + _FIELD_BYTES * self.fields
        return size + sum(plan.weigh() for plan in self.plans.values() if plan is not None)

    def select(self, name: str | None) -> OperationDefinitionNode:
        """The operation of that name, or the only one; Refused where that is not clear."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        operation = self.operations.get(name) if name is not None else None
        if operation is not None:
            return operation
        if not self.operations:
            message = "The document holds no operation."
        elif name is None:
            message = "The document holds several operations: name one in operationName."
        else:
            message = "The document holds no operation of the name given in operationName."
        raise Refused(refuse("OPERATION_RESOLUTION_FAILURE", message))


class Documents:
    """What was made of documents, by their text, for one schema; bounded by its bytes in memory.

    Clients that write values into their documents send each of them once. So one is kept among the
    new at first, without its plans, and with them, among those in use, from its second use on.
    """

    def __init__(
        self,
        schema: Schema,
        limits: Limits,
        *,
        is_discreet: bool,
        has_introspection: bool,
        has_sdl: bool = True,
        most_bytes: int = MOST_BYTES,
        most_new_bytes: int = MOST_NEW_BYTES,
    ) -> None:
        """`is_discreet` leaves the schema's names out of messages about names that do not exist.

        `has_sdl` is whether `_service` may be asked for the schema's text.
        """
        self._schema = schema._schema
        self._limits = limits
        self._is_discreet = is_discreet
        self._rules = (
            *_RULES,
            *(() if has_introspection else (NoSchemaIntrospectionCustomRule,)),
            *(() if has_sdl else (NoSdlRule,)),
        )
        self._new = LRUCache(max_bytes=most_new_bytes)
        self._used = LRUCache(max_bytes=most_bytes)
        self._shapes = Shapes()

    def __len__(self) -> int:
        return len(self._new) + len(self._used)

    @property
    def bytes(self) -> int:
        """Estimated bytes of all that is kept."""
        return int(self._new.currsize + self._used.currsize)

    def prepare(
        self, text: str, operation_name: str | None, variables: Mapping[str, Any]
    ) -> tuple[Prepared, OperationDefinitionNode]:
        """The document and its operation, fit for execution with these variables, or Refused.

        Only valid documents are kept, so that rubbish cannot push out what is in use.
        """
        known: Prepared | None = self._used.get(text) or self._new.get(text)
        if known is not None:
            operation = known.select(operation_name)
            self._measure(known, operation, variables)
            self._use(known)
            return known, operation
        prepared = Prepared(text, self._parse(text))
        operation = prepared.select(operation_name)
        _check_kind(operation, self._schema)
        self._measure(prepared, operation, variables)
        self._validate(prepared.document)
        prepared.parsed_bytes = slim(prepared.document)
        prepared.size = prepared.weigh()
        self._new.put(text, prepared)
        return prepared, operation

    def _parse(self, text: str) -> DocumentNode:
        limits = self._limits
        # UTF-8 needs at least a byte and at most four a character, so most texts need no encoding.
        length = len(text)
        if length * 4 > limits.document_bytes:
            length = len(text.encode())
        if length > limits.document_bytes:
            raise Refused(
                refuse(
                    "DOCUMENT_TOO_LARGE",
                    f"The document is longer than {limits.document_bytes} bytes.",
                )
            )
        try:
            document = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.comments)
            check_document(document, limits)
        except GraphQLSyntaxError as error:
            is_large = error.message.startswith(_TOO_LARGE)
            error.extensions = {
                "code": "DOCUMENT_TOO_LARGE" if is_large else "GRAPHQL_PARSE_FAILED"
            }
            raise Refused(error) from None
        except GraphQLError as error:
            raise Refused(error) from None
        return document

    def _measure(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> None:
        """Measure the operation unless it was found within the limits with the same sizes."""
        name = operation.name.value if operation.name else None
        sizes = Sizes(self._shapes, operation, variables, self._limits.list_entries)
        known = prepared.measured.get(name)
        if known is not None and sizes.read(known[0]) in known[1]:
            return
        try:
            found = measure(self._schema, operation, prepared.fragments, sizes, self._limits)
        except GraphQLError as error:
            raise Refused(error) from None
        prepared.fields = max(prepared.fields, found.fields)
        if known is None or len(known[1]) >= _MOST_MEASURED:
            known = prepared.measured[name] = tuple(sizes.used), set()
        known[1].add(sizes.read(known[0]))

    def _validate(self, document: DocumentNode) -> None:
        made: list[ASTValidationRule] = []

        def noted(rule: type[ASTValidationRule], context: Any) -> ASTValidationRule:
            made.append(rule(context))
            return made[-1]

        errors = validate(
            self._schema,
            document,
            [partial(noted, rule) for rule in self._rules],  # type: ignore[misc]
            max_errors=_MOST_ERRORS - 1,
            hide_suggestions=self._is_discreet,
        )
        # What visits a document holds itself: without this the document, and all that was noted
        # of it, would stay until the garbage collector comes by.
        for rule in made:
            vars(rule).clear()
        if errors:
            for error in errors:
                error.extensions = {**(error.extensions or {}), "code": "GRAPHQL_VALIDATION_FAILED"}
            raise Refused(*errors[:_MOST_ERRORS])

    def _use(self, prepared: Prepared) -> None:
        """Keep a document that is used again, and weigh it now and then: its plans grow."""
        prepared.uses += 1
        uses = prepared.uses
        if uses & (uses - 1) and uses % _WEIGHED_EVERY:
            return
        if prepared.plans is None:
            self._new.pop(prepared.text, None)
            prepared.plans = {}
        else:
            self._used.pop(prepared.text, None)
        prepared.size = prepared.weigh()
        self._used.put(prepared.text, prepared)


def _check_kind(operation: OperationDefinitionNode, schema: GraphQLSchema) -> None:
    kind = operation.operation
    if kind is OperationType.SUBSCRIPTION or schema.get_root_type(kind) is None:
        message = f"{kind.value.capitalize()}s are not served."
        raise Refused(refuse("OPERATION_NOT_SUPPORTED", message))
