"""The pipeline with its large models behind `transformers serve`, a server of somebody else's.

The models are made here: each knows one answer by heart, whatever it is asked. So the summaries are
poor and the ratings empty, but every request, reply and token is a real server's. The student, too,
is asked there, once it is trained.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import torch
from project import Project
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = "{% for message in messages %}{{ message.content }} {% endfor %}<answer>"
ANSWERS = {
    "teacher": "<ul><li>The customer is frustrated</li><li>It is late</li></ul>",
    "editor": "<ul><li>It is late</li></ul>",
    "annotator": '{"errors": [{"code": "content_inaccurate", "quote": "It is late"}]}',
    "judge": '{"errors": [{"code": "unn_other", "quote": "late"}], "concise": true}',
}

STUDENT = "<ul><li>It is very late</li></ul>"


def make(folder, answer):
    """Save a language model of one layer that says `answer` and ends."""
    words = {"[UNK]": 0, "</s>": 1, "<answer>": 2, answer: 3}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        eos_token="</s>",
        pad_token="</s>",
        additional_special_tokens=["<answer>"],
        chat_template=TEMPLATE,
    ).save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=4, hidden_size=4, intermediate_size=4, num_hidden_layers=1,
        num_attention_heads=1, max_position_embeddings=4096, eos_token_id=1, pad_token_id=1,
        bos_token_id=None, tie_word_embeddings=False,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" not in name:
                weights.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(4))
        model.lm_head.weight[3, 2] = 9.0  # after the prompt the answer,
        model.lm_head.weight[1, 3] = 9.0  # after the answer the end
    model.save_pretrained(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The base URL of `transformers serve`, in the folder of the models."""
    folder = tmp_path_factory.mktemp("models")
    for name, answer in ANSWERS.items():
        make(folder / name, answer)
    for student in ("models/base/tiny", "tiny-r1"):
        make(folder / student, STUDENT)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve"]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
            cwd=folder,
            env={**os.environ, "HF_HUB_CACHE": str(folder / "cache")},
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1)
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def project(server, tmp_path_factory):
    """The default, small, with every large model behind the server, run from end to end."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.shrink()
    values = project.params()
    values["sample"]["rows"] = 60
    sizes = {"test": 4, "dev": 2, "audit": 6, "train": 8}
    values["split"]["sizes"] = dict.fromkeys(values["channels"], sizes)
    values["llms"] = {
        name: {"provider": "openai", "model": name, "max_tokens": 8} for name in ANSWERS
    }
    values["endpoints"] = {name: {"base_url": server} for name in (*ANSWERS, "student")}
    values["students"]["tiny"]["predict"]["endpoint"] = "student"
    values["versions"] = ["org", "r1"]
    values["revisions"] = {"r1": values["revisions"]["r1"]}
    del values["runs"]["tiny-org"]
    values["systems"].remove("tiny-org")
    values["label"]["llm"] = "teacher"
    values["annotate"]["llm"] = "annotator"
    values["judge"]["llm"] = "judge"
    for revision in values["revisions"].values():
        revision["llm"] = "editor"
    values["costs"] = {
        "prices": {name: {"prompt": 1.0, "completion": 2.0} for name in values["endpoints"]},
        "budget": 5.0,
    }
    project.set_params(values)
    project.commit("served models")
    project.dvc("repro")
    return project


def rows(project, folder):
    lines = (project.folder / "data" / folder / "part-00000.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_stage_took_the_servers_words(project):
    assert {row["target"] for row in rows(project, "dataset/org")} == {ANSWERS["teacher"]}
    assert {row["target"] for row in rows(project, "dataset/r1")} == {ANSWERS["editor"]}
    assert {row["rating"] for row in rows(project, "ratings/teacher")} == {3}
    found = {row["code"] for row in rows(project, "findings/org") if row["source"] == "annotator"}
    assert found == {"content_inaccurate"}
    for system in ("tiny", "tiny-r1"):
        assert {row["output"] for row in rows(project, f"predictions/{system}")} == {STUDENT}


def test_no_row_was_lost(project):
    for path in (project.folder / "data/ledger").glob("*.json"):
        ledger = json.loads(path.read_text())
        left_over = ledger.get("left_over", 0)
        assert ledger["in"] == ledger["ok"] + sum(ledger["quarantined"].values()) + left_over
        if ledger["stage"] in ("label", "annotate", "predict", "judge"):
            assert ledger["ok"] == ledger["in"] > 0


def test_tokens_and_dollars_are_what_the_server_counted(project):
    ledger = json.loads((project.folder / "data/ledger/label-teacher.json").read_text())
    usage = ledger["models"]["teacher"]
    assert usage["calls"] == 8
    assert usage["completion_tokens"] == 8 * 2  # the answer and the end
    assert usage["prompt_tokens"] > 8 * 50
