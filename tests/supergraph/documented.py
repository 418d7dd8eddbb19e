"""The options that routers document, as far as a configuration of ours may use them.

Written down from the references of Apollo Router 2, Rover, Hive Router, Cosmo Router and Grafbase
as of 2026, and the structures the latter three read their files into. Options that are deprecated
are left out, so that none is used. A dictionary lists the keys of an object, `ANY` standing for all
names; a set lists the values there are; `Each` is a list's element; a type is any value of it;
`Duration` is a text such as `10s`.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

ANY = "*"
Shape: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Each:
    """A list whose every element has a shape."""

    shape: Shape


class Duration:
    """A number and a unit."""


def problems(found: Any, shape: Shape, path: str = "") -> list[str]:
    """One line for each option that is not documented, or has a value that is not."""
    if isinstance(shape, Each):
        if not isinstance(found, list):
            return [f"{path} is no list"]
        return [
            line
            for index, item in enumerate(found)
            for line in problems(item, shape.shape, f"{path}[{index}]")
        ]
    if isinstance(shape, dict):
        if not isinstance(found, dict):
            return [f"{path} is no object"]
        lines = []
        for key, value in found.items():
            where = f"{path}.{key}".lstrip(".")
            if key in shape or ANY in shape:
                lines += problems(value, shape.get(key, shape.get(ANY)), where)
            else:
                lines.append(f"{where} is not documented")
        return lines
    if isinstance(shape, set):
        return [] if found in shape else [f"{path} must be one of {sorted(shape)}"]
    if shape is Duration:
        is_one = isinstance(found, str) and re.fullmatch(r"\d+(ms|s|m|h|d)", found)
        return [] if is_one else [f"{path} is no duration"]
    return [] if isinstance(found, shape) else [f"{path} is no {shape.__name__}"]


def _by_subgraph(shape: Shape) -> Shape:
    return {"all": shape, "subgraphs": {ANY: shape}}


_MATCH = {"named": str, "matching": str, "rename": str, "default": str}
_SWITCH = {"enabled": bool}
_ERRORS = {
    "redact_message": bool,
    "allow_extensions_keys": Each(str),
    "deny_extensions_keys": Each(str),
    "exclude_global_keys": Each(str),
}
_CACHED = {
    "enabled": bool,
    "ttl": Duration,
    "private_id": str,
    "redis": {
        "urls": Each(str),
        "fetch_timeout": Duration,
        "insert_timeout": Duration,
        "namespace": str,
        "required_to_start": bool,
        "pool_size": int,
    },
    "invalidation": {"enabled": bool, "shared_key": str},
}
_SHAPED = {
    "timeout": Duration,
    "deduplicate_query": bool,
    "compression": {"gzip", "deflate", "br", "identity"},
}

APOLLO_ROUTER: Shape = {
    "supergraph": {
        "listen": str,
        "path": str,
        "introspection": bool,
        "defer_support": bool,
        "early_cancel": bool,
    },
    "sandbox": _SWITCH,
    "homepage": _SWITCH,
    "health_check": {"listen": str, "enabled": bool, "path": str},
    "headers": _by_subgraph(
        {
            "request": Each(
                {
                    "propagate": _MATCH,
                    "insert": {"name": str, "value": str},
                    "remove": {"named": str, "matching": str},
                }
            )
        }
    ),
    "include_subgraph_errors": _by_subgraph(_ERRORS),
    "traffic_shaping": {
        **_by_subgraph(_SHAPED),
        "router": {"timeout": Duration, "concurrency_limit": int},
    },
    "response_cache": {
        "enabled": bool,
        "include_cache_control_header_on_router_response": bool,
        "invalidation": {"listen": str, "path": str},
        "subgraph": _by_subgraph(_CACHED),
    },
    "limits": {"http_max_request_bytes": int, "parser_max_tokens": int},
    "rhai": {"scripts": str, "main": str},
    "cors": {
        "allow_credentials": bool,
        "policies": Each({"origins": Each(str), "match_origins": Each(str)}),
    },
    "demand_control": {
        "enabled": bool,
        "mode": {"measure", "enforce"},
        "strategy": {"static_estimated": {"list_size": int, "max": int}},
    },
}

_NAMES = {"named": (str, list), "matching": (str, list), "exclude": list}
_INSERT = {"name": str, "value": str, "expression": str}
_MASKED = {"enabled": bool, "extensions": {"mode": {"allow", "deny"}, "keys": Each(str)}}
_REQUESTS = {"pool_idle_timeout": Duration, "dedupe_enabled": bool, "request_timeout": Duration}

HIVE_ROUTER: Shape = {
    "http": {"host": str, "port": int, "graphql_endpoint": str, "workers": int},
    "supergraph": {"source": {"file", "hive"}, "path": str, "poll_interval": Duration},
    "introspection": bool,
    "laboratory": _SWITCH,
    "headers": _by_subgraph(
        {
            "request": Each(
                {
                    "propagate": {**_NAMES, "rename": str, "default": str},
                    "insert": _INSERT,
                    "remove": _NAMES,
                }
            ),
            "response": Each(
                {
                    "propagate": {**_NAMES, "algorithm": {"first", "last", "append"}},
                    "insert": _INSERT,
                    "remove": _NAMES,
                }
            ),
        }
    ),
    "error_masking": {"enabled": bool, "redacted_error_message": str, **_by_subgraph(_MASKED)},
    "traffic_shaping": {
        **_by_subgraph(_REQUESTS),
        "max_connections_per_host": int,
        "router": {"request_timeout": Duration, "dedupe": _SWITCH},
    },
    "cors": {
        "enabled": bool,
        "allow_any_origin": bool,
        "allow_credentials": bool,
        "allow_headers": Each(str),
        "methods": Each(str),
        "max_age": int,
        "policies": Each({"origins": Each(str), "match_origin": Each(str)}),
    },
    "demand_control": {
        "enabled": bool,
        "operation_cost": {"max": int, "mode": {"measure", "enforce"}},
        "default_list_size": {"all": int},
    },
}

_RULE = {
    "op": {"propagate", "set"},
    "named": str,
    "matching": str,
    "rename": str,
    "default": str,
    "name": str,
    "value": str,
    "expression": str,
}
_RETRY = {
    "enabled": bool,
    "algorithm": {"backoff_jitter"},
    "max_attempts": int,
    "interval": Duration,
    "max_duration": Duration,
    "expression": str,
}

COSMO_ROUTER: Shape = {
    "version": {"1"},
    "listen_addr": str,
    "graphql_path": str,
    "introspection": {"enabled": bool, "secret": str},
    "playground": {"enabled": bool, "path": str},
    "dev_mode": bool,
    "execution_config": {"file": {"path": str, "watch": bool}},
    "headers": _by_subgraph({"request": Each(_RULE), "response": Each(_RULE)}),
    "subgraph_error_propagation": {
        "propagate_status_codes": bool,
        "mode": {"wrapped", "pass-through"},
        "rewrite_paths": bool,
        "omit_locations": bool,
        "omit_extensions": bool,
        "attach_service_name": bool,
        "default_extension_code": str,
        "allow_all_extension_fields": bool,
        "allowed_extension_fields": Each(str),
        "allowed_fields": Each(str),
    },
    "traffic_shaping": {
        **_by_subgraph(
            {"request_timeout": Duration, "dial_timeout": Duration, "retry": _RETRY},
        ),
        "router": {"max_request_body_size": str},
    },
    "cache_control_policy": {
        "enabled": bool,
        "value": str,
        "subgraphs": Each({"name": str, "value": str}),
    },
    "engine": {"enable_single_flight": bool, "max_concurrent_resolvers": int},
    "cors": {
        "enabled": bool,
        "allow_origins": Each(str),
        "allow_methods": Each(str),
        "allow_headers": Each(str),
        "allow_credentials": bool,
        "max_age": Duration,
    },
    "security": {
        "cost_control": {
            "enabled": bool,
            "mode": {"measure", "enforce"},
            "estimated_list_size": int,
            "max_estimated_limit": int,
            "expose_headers": bool,
        },
        "block_mutations": {"enabled": bool, "condition": str},
        "block_subscriptions": {"enabled": bool, "condition": str},
    },
    "file_upload": {"enabled": bool, "max_file_size": str, "max_files": int},
}

COSMO_GRAPH: Shape = {
    "version": int,
    "subgraphs": Each({"name": str, "routing_url": str, "schema": {"file": str}}),
}

ROVER: Shape = {
    "federation_version": (int, str),
    "subgraphs": {
        ANY: {
            "routing_url": str,
            "schema": {"file": str, "subgraph_url": str, "introspection_headers": {ANY: str}},
        }
    },
}

_GRAFBASE_HEADERS = Each(
    {
        "rule": {"forward", "insert", "remove", "rename_duplicate"},
        "name": str,
        "pattern": str,
        "value": str,
        "default": str,
        "rename": str,
    }
)

GRAFBASE: Shape = {
    "graph": {"path": str, "websocket_path": str, "introspection": bool},
    "headers": _GRAFBASE_HEADERS,
    "subgraphs": {
        ANY: {
            "url": str,
            "schema_path": str,
            "introspection_url": str,
            "introspection_headers": {ANY: str},
            "timeout": Duration,
            "headers": _GRAFBASE_HEADERS,
        }
    },
    "gateway": {
        "timeout": Duration,
        "subgraph_timeout": Duration,
        "retry": {"enabled": bool, "min_per_second": int, "retry_percent": float},
    },
    "cors": {
        "allow_credentials": bool,
        "allow_origins": Each(str),
        "allow_methods": Each(str),
        "allow_headers": {"any"},
        "max_age": Duration,
    },
    "operation_limits": {"depth": int, "aliases": int, "root_fields": int, "complexity": int},
    "complexity_control": {"mode": {"measure", "enforce"}, "limit": int, "list_size": int},
}
