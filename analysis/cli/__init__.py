"""The command `gongbao`."""

from .common import DONE, FAILED, REFUSED, TABLE_NAMES
from .main import main

__all__ = ["DONE", "FAILED", "REFUSED", "TABLE_NAMES", "main"]
