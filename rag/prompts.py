"""The prompts: one Markdown file each, carried in the wheel, with named variables and nothing else to fill in."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import SettingsError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_VARIABLE = re.compile(r"\{([a-z_]+)\}")
# What stands above this line is the system's message, below it the user's.
_DIVIDER = "\n---\n"

# Shared by the prompt that asks for it, the writer that recognises it and the answer that shows it.
NOT_SAID = "The reports do not say."


def messages(name: str, **variables: str) -> list[BaseMessage]:
    """Return the prompt ``name`` as a system and a user message, with each ``{variable}`` put in.

    Braces inside a value stay as they are. Raises SettingsError where the file is missing or names a variable that is
    not given.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    system, _, human = _template(name).partition(_DIVIDER)
    return [SystemMessage(_filled(name, system, variables)), HumanMessage(_filled(name, human, variables))]


def _filled(name: str, template: str, variables: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found.group(1) not in variables:
            raise SettingsError(
                f"prompts/{name}.md names the variable {{{found.group(1)}}}; "
                f"it may use: {', '.join(sorted(variables))}."
            )
        return variables[found.group(1)]

    return _VARIABLE.sub(value, template).strip()


@cache
def _template(name: str) -> str:
    # A wheel carries the folder inside the package, a checkout has it beside the package.
    places = (Path(str(files("rag"))) / "prompts", Path(__file__).parent.parent / "prompts")
    for place in places:
        path = place / f"{name}.md"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise SettingsError(f"The prompt {name}.md is in none of {', '.join(map(str, places))}. Reinstall Footnote.")
