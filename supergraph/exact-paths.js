// A plugin of Hive Gateway: errors at the place they belong to.
//
// The gateway's JavaScript planner asks for entities of many parents at once, and gives all their
// errors the path of the first, without the index in the list. An error that has no path gets one
// from the executor, and that is always right. The Rust planner needs no such help.
import { defaultFieldResolver, GraphQLError, isObjectType } from 'graphql';

export function exactPaths() {
  const done = new WeakSet();
  return {
    onSchemaChange({ schema }) {
      if (done.has(schema)) return;
      done.add(schema);
      for (const type of Object.values(schema.getTypeMap())) {
        if (!isObjectType(type) || type.name.startsWith('__')) continue;
        for (const field of Object.values(type.getFields())) {
          const resolve = field.resolve ?? defaultFieldResolver;
          field.resolve = (...args) => unlocated(() => resolve(...args));
        }
      }
    },
  };
}

function unlocated(call) {
  try {
    const value = call();
    return value instanceof Promise ? value.then(each, (error) => { throw one(error); }) : each(value);
  } catch (error) {
    throw one(error);
  }
}

const each = (value) => (Array.isArray(value) ? value.map(one) : one(value));

function one(value) {
  if (!(value instanceof Error) || !value.path) return value;
  return new GraphQLError(value.message, {
    extensions: value.extensions,
    originalError: value.originalError,
  });
}
