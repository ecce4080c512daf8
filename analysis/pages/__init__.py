"""What is handed round: the index of a batch, reports of its figures for the office, a codebook."""

__all__ = ["brief", "codebook", "office", "page"]
