"""Notebooks × parameters, run side by side, taken up again, remade, compared, handed on."""

from .parameters import options

__all__ = [
    "difference", "options", "parameters", "proof", "remake", "render", "replicate", "share",
    "units",
]  # fmt: skip
