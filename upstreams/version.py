"""The version of the product, which its distribution alone says."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("walletgraph")
except PackageNotFoundError:
    VERSION = "0+source"
"""`0+source` in a source tree that is not installed."""
