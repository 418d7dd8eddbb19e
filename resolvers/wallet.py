"""The wallet: an address whose own form says which chain family it lives on."""

from enum import Enum

import msgspec

from resolvers import ids
from resolvers.errors import BadAddress, BadArgument
from upstreams.addresses import algorand_reference, evm_checksum, parse_address

MAX_WALLETS = 100


class Ecosystem(Enum):
    """The family of chains an address belongs to."""

    EVM = "EVM"
    ALGORAND = "ALGORAND"


class Wallet(msgspec.Struct, frozen=True):
    """An address worth asking about; `key` is lower case for EVM, the account itself for Algorand.

    `caip2` is the chain an Algorand CAIP-10 address named, else None: an account exists on each
    Algorand network, so it is compared with the network served before anything is answered.
    """

    key: str
    ecosystem: Ecosystem
    caip2: str | None = None

    @property
    def address(self) -> str:
        """The form to show: EIP-55 for EVM, as it is for Algorand."""
        return evm_checksum(self.key) if self.ecosystem is Ecosystem.EVM else self.key

    @property
    def id(self) -> str:
        return ids.encode("Wallet", self.key)


def evm_wallet(key: str) -> Wallet:
    """The wallet of a canonical (lower-case) EVM address."""
    return Wallet(key, Ecosystem.EVM)


def parse_wallet(text: str) -> Wallet:
    """The wallet an address names, in its plain or its CAIP-10 form; BadAddress otherwise."""
    try:
        parsed = parse_address(text)
    except ValueError as error:
        raise BadAddress(str(error)) from None
    ecosystem = Ecosystem(parsed.ecosystem)
    network = parsed.caip_reference if ecosystem is Ecosystem.ALGORAND else None
    return Wallet(parsed.address, ecosystem, network)


def check_network(wallet: Wallet, genesis_hash: str) -> None:
    """Refuse an Algorand account that was named on another network than the one served."""
    if wallet.caip2 is not None and wallet.caip2 != algorand_reference(genesis_hash):
        raise BadAddress("The address names another Algorand network than the one served here")


def wallet_of_id(text: str) -> Wallet:
    """The wallet a global id names."""
    try:
        wallet = parse_wallet(ids.key_of(text, "Wallet", 1)[0])
    except BadAddress:
        raise BadArgument("The id names no wallet") from None
    ids.check(text, wallet.id)
    return wallet
