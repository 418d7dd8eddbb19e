"""The two upstream APIs, played by Starlette applications: no key, no network, always the same."""

from sandbox.accounts import DEMO_ACCOUNTS
from sandbox.box import Sandbox
from sandbox.calls import Call
from sandbox.demos import DEMO_WALLETS
from sandbox.faults import Fault, SandboxReset

__all__ = ["DEMO_ACCOUNTS", "DEMO_WALLETS", "Call", "Fault", "Sandbox", "SandboxReset"]
