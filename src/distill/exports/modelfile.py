"""The Modelfile by which Ollama serves a GGUF file as the student was trained."""

from pathlib import Path

from transformers import AutoTokenizer, GenerationConfig, PreTrainedTokenizerBase

PROMPT = "made-up prompt"  # stands where Ollama puts the user's message


def text(run: Path, source: str, adapter: str | None, context: int, tokens: int) -> str:
    """Return the Modelfile of a model, or of a base with an adapter.

    Its TEMPLATE is the training's chat template, rendered around one message of the user's.
    """
    tokenizer = AutoTokenizer.from_pretrained(run)
    settings = GenerationConfig.from_pretrained(run)
    stops = tokenizer.convert_ids_to_tokens(settings.eos_token_id)
    lines = [f"FROM {source}"]
    if adapter:
        lines.append(f"ADAPTER {adapter}")
    lines += [f'TEMPLATE """{template(tokenizer)}"""']
    lines += [f"PARAMETER {name} {value}" for name, value in penalties(settings).items()]
    lines += [f"PARAMETER num_ctx {context}", f"PARAMETER num_predict {tokens}"]
    lines += [f'PARAMETER stop "{stop}"' for stop in stops]
    return "\n".join(lines) + "\n"


def penalties(settings: GenerationConfig) -> dict[str, float]:
    """Return llama.cpp's settings of greedy generation with the base's penalty of repetitions."""
    found: dict[str, float] = {"temperature": 0}
    if settings.repetition_penalty not in {None, 1.0}:
        found |= {"repeat_penalty": settings.repetition_penalty, "repeat_last_n": -1}
    return found


def template(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return the chat template in Go's form, for one message.

    The token that begins a text is left out where the tokenizer, and so llama.cpp, adds it.
    """
    chat = [{"role": "user", "content": PROMPT}]
    rendered = str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
    if tokenizer.bos_token and tokenizer(PROMPT)["input_ids"][0] == tokenizer.bos_token_id:
        rendered = rendered.removeprefix(str(tokenizer.bos_token))
    before, _, after = (part.replace("{{", '{{ "{{" }}') for part in rendered.partition(PROMPT))
    return f"{before}{{{{ .Prompt }}}}{after}"
