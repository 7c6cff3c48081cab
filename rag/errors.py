"""The error tree. Every error that Footnote raises on purpose descends from RagError.

RagError
├── QuestionError             the question cannot be asked as it stands (usage: exit status 2)
├── SettingsError             a setting has a value that cannot be used
├── ReadError                 a file gives no document
│   ├── UnsupportedFile       a kind of file that no reader knows
│   ├── UnreadableFile        it is not there, not a file, or not ours to read
│   ├── EmptyFile             it holds no text
│   ├── EncryptedFile         it wants a password, or another one
│   ├── DamagedFile           it is not what its name says, or broken
│   └── LimitExceeded         it is over a limit of time, memory, pages or bytes
├── LibraryError              the library cannot do what was asked
│   ├── UnknownReport         no report has that id or name
│   ├── UnknownConversation   no conversation has that id
│   ├── ModelMismatch         the library was made with another embedding model
│   ├── LibraryBusy           another process kept the writer's lock for too long
│   └── LibraryDamaged        the record itself cannot be read
├── EmbeddingError            the embedding model is missing, or is not the one expected
├── RerankerError             the reranker is missing, or is not the one expected
└── ModelError                the language model cannot be used, failed or timed out

A message says what is wrong, where, and the next step. A refusal is an answer and never an error.
"""

from __future__ import annotations


class RagError(Exception):
    """The root of Footnote's errors; ``code`` names the kind of error for machines."""

    code = "error"


class QuestionError(RagError):
    """The question is empty or its filters make no sense."""

    code = "question"


class SettingsError(RagError):
    """A setting has a value that cannot be used."""

    code = "settings"


class ReadError(RagError):
    """A file gives no document."""

    code = "unread"


class UnsupportedFile(ReadError):
    """A kind of file that no reader knows."""

    code = "unsupported"


class UnreadableFile(ReadError):
    """The file is not there, is not a file, or may not be read."""

    code = "unreadable"


class EmptyFile(ReadError):
    """The file holds no text."""

    code = "empty"


class EncryptedFile(ReadError):
    """The file wants a password, or another one than was given."""

    code = "encrypted"


class DamagedFile(ReadError):
    """The file is broken, or is not what its name says."""

    code = "damaged"


class LimitExceeded(ReadError):
    """The file is over a limit of time, memory, pages or bytes."""

    code = "limit"


class LibraryError(RagError):
    """The library cannot do what was asked."""

    code = "library"


class UnknownReport(LibraryError):
    """No report has that id or name."""

    code = "unknown_report"


class UnknownConversation(LibraryError):
    """No conversation has that id."""

    code = "unknown_conversation"


class ModelMismatch(LibraryError):
    """The library was made with another embedding model."""

    code = "model_mismatch"


class LibraryBusy(LibraryError):
    """Another process kept the writer's lock for too long."""

    code = "busy"


class LibraryDamaged(LibraryError):
    """The library's database cannot be read."""

    code = "library_damaged"


class EmbeddingError(RagError):
    """The embedding model is missing, or is not the one expected."""

    code = "embedding"


class RerankerError(RagError):
    """The reranker does not load, or its weights are not the ones expected."""

    code = "reranker"


class ModelError(RagError):
    """The language model cannot be used, failed or timed out."""

    code = "model"


def why(error: BaseException) -> str:
    """Return what an error says, without the number and the path of an operating system's: "permission denied"."""
    said = error.strerror if isinstance(error, OSError) else None
    return said[0].lower() + said[1:] if said else str(error)
