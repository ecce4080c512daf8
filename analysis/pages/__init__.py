"""What is handed round: the index of a batch, reports of its figures for the office."""

__all__ = ["brief", "office", "page"]
