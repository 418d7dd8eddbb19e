"""A faster executor: `strawberry.Schema(..., execution_context_class=CompiledExecutor)`.

An operation is compiled once into a plan (`compile`), kept by its document, and run over the
resolvers' records directly: whoever executes keeps the same document for the same text (as a
parser cache does), or each request compiles anew. `explain` prints a plan. Operations that the
builder does not take (mutations, subscriptions, introspection, other directives than @skip and
@include) run on the stock executor, as do all while another extension wants to see resolvers.

Answers are those of graphql-core: data, order of keys, errors with message, path, locations and
extensions, and which loads leave in which batch. The differences, on purpose:

- An attribute of a record is read without asking its type's resolver wrapper; what
  `getattr` gives is the same.
- `is_type_of` is asked once for a class, not once for a value, where the type says by
  `record_classes` that nothing else counts (and Strawberry's own test for values without an
  instance dictionary). It is given None as `info` then.
- A field's arguments are coerced once for a run, not once for a record, unless a resolver could
  change them (lists, dictionaries, and input objects that do not say `is_shared = True`).
- @skip and @include are decided before the first resolver runs.
- Instances of builtin value classes, Decimal, datetime and UUID are taken to be neither
  awaitable nor exceptions, and so is every instance of a class of which one was seen not to be.
"""

from compiler.build import Plan, compile  # noqa: A004
from compiler.executor import CompiledExecutor
from compiler.explaining import Unexplained, explain

__all__ = ["CompiledExecutor", "Plan", "Unexplained", "compile", "explain"]
