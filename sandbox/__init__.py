"""The two upstream APIs, played by Starlette applications: no key, no network, always the same."""

from sandbox.accounts import DEMO_ACCOUNTS
from sandbox.box import Sandbox
from sandbox.calls import Call
from sandbox.faults import Fault, SandboxReset
from sandbox.portfolios import DEMO_WALLETS

__all__ = ["DEMO_ACCOUNTS", "DEMO_WALLETS", "Call", "Fault", "Sandbox", "SandboxReset"]
