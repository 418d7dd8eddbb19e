"""What a field asks of a source: declared beside the field, summed up before anything is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that a field may take, as far as an operation's text tells.

    Fields of one `kind` share a call where their object and the arguments named in `by` are the
    same. Where the call `is_shared`, so do several objects, told apart by the arguments in `each`
    too; and several values of the argument `part` are brought by one call about all of them.
    Without an object (`is_single`) an operation takes one call, whatever else it asks. `number` is
    how many calls stand for one here.
    """

    source: str
    kind: str
    by: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    part: str | None = None
    is_shared: bool = False
    is_single: bool = False
    number: int = 1


# What a wallet has in itself, and what in protocols.
SNAPSHOT = Calls("portfolio", "snapshot", by=("at",), part="chainId", is_shared=True, number=2)
# The same of a wallet by itself, and of up to a hundred, which share calls by the fifty.
WORTH = Calls("portfolio", "snapshot of", by=("at", "chainIds"), is_shared=True, number=2)
PORTFOLIO = Calls("portfolio", "portfolio", by=("addresses", "at", "chainIds"), number=4)
# Positions of one wallet, or of one portfolio, share their calls; of how many, answers tell.
METRICS = Calls("portfolio", "metrics", by=("range",), is_single=True, number=2)
SOURCE_TOTAL = Calls("portfolio", "source total")
HISTORY = Calls("portfolio", "history", by=("range",))
TOKEN = Calls("portfolio", "token", by=("chainId",), each=("address",), is_shared=True)
# How many chains the tokens are of, only their answers tell.
LOGO = Calls("portfolio", "logo", is_single=True)
CHAINS = Calls("portfolio", "chains", is_single=True)
PROTOCOLS = Calls("portfolio", "protocols", is_single=True)
CHECK = Calls("portfolio", "check", is_shared=True)
SERVICE = Calls("portfolio", "status", is_single=True)
# Of how many assets share a call, the provider decides.
QUOTE = Calls("prices", "quote", is_single=True)
PAGE = Calls("algorand", "page", by=("first", "after"))
ACCOUNT = Calls("algorand", "account")
ASSET = Calls("algorand", "asset", by=("assetId",))
NODE = Calls("algorand", "node", is_single=True)
