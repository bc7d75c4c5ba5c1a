"""Settings of exports."""

from typing import Literal

from pydantic import model_validator

from distill.validation import Count, Section, Share, Slug


class Export(Section):
    """A run's model in a form that a server loads.

    `format`: merged, the base with the adapter in it, as transformers and vLLM load it; gguf, the
    same in one file for llama.cpp and Ollama; gguf-adapter, the adapter alone in such a file.
    `dtype`: of the weights, null for the base's own; q8_0, 8 bits, in GGUF only.
    `rows`: the test rows that the export and the run both answer; `least_equal`: the share of equal
    answers below which the stage fails.
    """

    run: Slug
    format: Literal["merged", "gguf", "gguf-adapter"]
    dtype: Literal["float32", "bfloat16", "float16", "q8_0"] | None = None
    rows: Count = 40
    least_equal: Share = 0.9

    @model_validator(mode="after")
    def _is_written(self) -> "Export":
        if self.format == "merged" and self.dtype == "q8_0":
            raise ValueError("dtype q8_0 is one of gguf; choose that format or another dtype")
        return self
