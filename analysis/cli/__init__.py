"""The command `gongbao`."""

from .main import main

__all__ = ["main"]
