"""`saring demo`: the demo's stories and comments, written for it, and the command that replays them."""

from service.cli.demo.replay import demo

__all__ = ["demo"]
