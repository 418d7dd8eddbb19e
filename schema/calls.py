"""What a field asks of a source: declared beside the field, summed up before anything is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that a field may take, as far as an operation's text tells.

    Fields of one `kind` share a call where their object and the arguments named in `by` are the
    same. Where the call `is_shared`, so do several objects, told apart by the arguments in `each`
    too; and several values of the argument `part` are brought by one call about all of them.
    Without an object (`is_single`) an operation takes one call, whatever else it asks.
    """

    source: str
    kind: str
    by: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    part: str | None = None
    is_shared: bool = False
    is_single: bool = False


SNAPSHOT = Calls("portfolio", "snapshot", by=("at",), part="chainId", is_shared=True)
TOKEN = Calls("portfolio", "token", by=("chainId",), each=("address",), is_shared=True)
# How many chains the tokens are of, only their answers tell.
LOGO = Calls("portfolio", "logo", is_single=True)
SERVICE = Calls("portfolio", "status", is_single=True)
PAGE = Calls("algorand", "page", by=("first", "after"))
ACCOUNT = Calls("algorand", "account")
ASSET = Calls("algorand", "asset", by=("assetId",))
NODE = Calls("algorand", "node", is_single=True)
