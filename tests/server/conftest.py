"""Fixtures of the server's tests."""

from tests.redis_server import redis_process, redis_server

__all__ = ["redis_process", "redis_server"]
