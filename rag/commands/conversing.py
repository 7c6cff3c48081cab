"""The commands for the chat's conversations: ``rag conversations | export``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag import console
from rag.errors import SettingsError, why
from rag.opening import is_home, open_library
from rag.settings import Settings

_DOCX, _MARKDOWN = ".docx", ".md"


def add_commands(commands: Any, *, home: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser's; ``home`` and ``shared`` have the options of all commands, without and with
    ``--json``."""
    talked = commands.add_parser("conversations", parents=[shared], help="list the conversations of the chat")
    talked.add_argument("--search", default="", metavar="WORDS", help="only those that have all these words")
    talked.set_defaults(run=_conversations)

    export = commands.add_parser("export", parents=[home], help="write a conversation to a file, with footnotes")
    export.add_argument("conversation", metavar="CONVERSATION", help="its id, as rag conversations prints it")
    export.add_argument(
        "--out", type=_export_path, required=True, metavar="FILE", help="a file that ends in .md or .docx"
    )
    export.set_defaults(run=_export)


def _conversations(options: argparse.Namespace, settings: Settings) -> int:
    from rag.conversations import Conversations

    kept = Conversations(open_library(settings)) if is_home(settings.home) else None
    found = kept.all(options.search) if kept else ()
    if options.json:
        console.print_json([asdict(one) for one in found])
    elif found:
        console.print_conversations(found)
    elif kept and kept.all():
        said = f"no conversation in {settings.home} has all these words. See them all with: rag conversations"
        console.print_error(said)
    else:
        console.print_error(f"no conversations in {settings.home}. Ask something in the chat: make chat")
    return 0


def _export(options: argparse.Namespace, settings: Settings) -> int:
    from rag.conversations import Conversations
    from rag.exporting import to_docx, to_markdown

    library = open_library(settings)
    conversations = Conversations(library)
    conversation = conversations.get(options.conversation)
    said = conversations.exchanges(conversation.id)
    docx = options.out.suffix.lower() == _DOCX
    write = to_docx if docx else lambda *given, held: to_markdown(*given, held=held).encode()
    try:
        options.out.write_bytes(write(conversation, said, held=library.held()))
    except OSError as error:
        raise SettingsError(f"{options.out} cannot be written: {why(error)}. Name another file.") from error
    return 0


def _export_path(written: str) -> Path:
    path = Path(written)
    if path.suffix.lower() not in (_DOCX, _MARKDOWN):
        raise argparse.ArgumentTypeError(f"{written} ends neither in {_MARKDOWN} nor in {_DOCX}")
    return path
