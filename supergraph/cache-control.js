// A plugin of Hive Gateway: an answer may be kept as long as the strictest subgraph allows.

/** The Cache-Control of an answer made of several; `no-store` if any part is not to be kept. */
export function merged(values, { hasFailed = false } = {}) {
  const rules = values.map((value) => (value ?? 'no-store').toLowerCase().split(/\s*,\s*/));
  const ages = rules.map((rule) => Number(/max-age=(\d+)/.exec(rule.join())?.[1] ?? 0));
  const isKept = rules.every((rule) => !rule.includes('no-store') && !rule.includes('no-cache'));
  const seconds = Math.min(...ages);
  if (hasFailed || !isKept || !values.length || seconds === 0) return 'no-store';
  const isPublic = rules.every((rule) => rule.includes('public'));
  return `${isPublic ? 'public' : 'private'}, max-age=${seconds}`;
}

export function strictest() {
  const heard = new WeakMap();
  const failed = new WeakSet();
  return {
    onFetch({ executionRequest }) {
      const request = executionRequest?.context?.request;
      if (!request) return undefined;
      return ({ response }) => {
        heard.set(request, [...(heard.get(request) ?? []), response.headers.get('cache-control')]);
      };
    },
    onResultProcess({ request, result }) {
      // A list or a stream is several answers: none of them is kept.
      if (Array.isArray(result) || Symbol.asyncIterator in result || result.errors?.length) {
        failed.add(request);
      }
    },
    onResponse({ request, response }) {
      const values = heard.get(request);
      if (!values) return;
      response.headers.set('cache-control', merged(values, { hasFailed: failed.has(request) }));
      // Only some origins get CORS headers: what is kept for one is not to be shown to another.
      response.headers.append('vary', 'Origin');
    },
  };
}
