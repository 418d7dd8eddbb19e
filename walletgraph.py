"""Where the `walletgraph` command begins: it starts our packages, or says what took their place.

Our packages have plain names at the top, so another distribution can bring one of the same name,
which Python then finds first, or which was installed over ours.
"""

import base64
import hashlib
import sys
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path

__all__ = ["main"]

PACKAGES = ("compiler", "resolvers", "sandbox", "schema", "server", "upstreams")
_HOME = Path(__file__).resolve().parent
_WAY_OUT = "install Walletgraph in an environment of its own (uvx, pipx or the container image)"


def hidden() -> str | None:
    """A sentence on the first of our packages that is not the one Python finds; None if all are."""
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            found = Path(spec.origin)
            if found.resolve().parent != _HOME / name:
                return f"Python finds another `{name}` than Walletgraph's, {found}: {_WAY_OUT}."
        else:
            return f"Walletgraph's package `{name}` is missing or has lost files: {_WAY_OUT}."
    return None


def overwritten() -> str | None:
    """A sentence on the first of our packages whose files are not those that were installed."""
    try:
        ours = distribution("walletgraph")
    except PackageNotFoundError:
        return None
    for file in ours.files or ():
        if file.parts[0] in PACKAGES and file.hash is not None:
            path = Path(str(file.locate()))
            if not path.is_file() or _hash(path, file.hash.mode) != file.hash.value:
                name = file.parts[0]
                owners = {*packages_distributions().get(name, ())} - {"walletgraph"}
                whose = f" by {' and '.join(sorted(owners))}" if owners else ""
                return f"Walletgraph's package `{name}` was overwritten{whose}: {_WAY_OUT}."
    return None


def _hash(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm, path.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


if _problem := hidden():
    sys.exit(_problem)
try:
    from server.cli import main
except Exception:
    # A package that is not ours may fail in any way.
    if _problem := overwritten():
        sys.exit(_problem)
    raise

if __name__ == "__main__":
    main()
