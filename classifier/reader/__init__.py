"""The second reader: a small encoder that reads meaning where the first model reads letters and words.

Scoring needs onnxruntime and tokenizers, the extra `reader`; training and exporting need the extra `train`. This module and
`stack` import none of them.
"""

__all__ = ["ReaderError"]


class ReaderError(Exception):
    """No second reader: the extra is not installed, or its file is missing or damaged. The message says which."""
