# Three stages: the web pages, the Python wheels, and a small runtime that is not root.
FROM node:20-slim AS web
WORKDIR /build
COPY schema/schema.graphql schema/schema.graphql
COPY operations operations
COPY web web
WORKDIR /build/web
RUN npm ci --omit=dev --no-audit --no-fund && npm run build

FROM python:3.11-slim AS wheels
WORKDIR /build
COPY requirements.lock .
RUN pip wheel --no-cache-dir --require-hashes --no-deps --only-binary :all: --wheel-dir /wheels -r requirements.lock

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Walletgraph" \
      org.opencontainers.image.description="One federated GraphQL graph of what EVM wallets and Algorand accounts hold" \
      org.opencontainers.image.documentation="README.md"
RUN useradd --system --uid 10001 --no-create-home walletgraph
WORKDIR /app
COPY --from=wheels /wheels /wheels
RUN pip install --no-cache-dir --no-index --no-deps /wheels/*.whl && rm -rf /wheels
COPY pyproject.toml README.md walletgraph.py ./
COPY compiler compiler
COPY resolvers resolvers
COPY sandbox sandbox
COPY schema schema
COPY server server
COPY upstreams upstreams
RUN pip install --no-cache-dir --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
COPY --from=web /build/web/dist web/dist
USER walletgraph
ENV HOST=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/live', timeout=2)"]
CMD ["walletgraph", "serve"]
