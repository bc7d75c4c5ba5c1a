"""The outputs of every stage before `report`, for a project of four test rows a channel."""

import shutil
from pathlib import Path

import yaml
from conftest import REPO

from distill import paths, records
from distill.params import load
from distill.params.stages import stages
from distill.stats import tables
from distill.tasks.summarize import format

RUNS = {
    "tiny-org": {"student": "tiny", "version": "org"},
    "tiny-r1": {"student": "tiny", "version": "r1"},
    "tiny-r1-botchat": {"student": "tiny", "version": "r1", "phases": [["botchat"]]},
}
CHAT_TEXT = "Customer: My parcel {} never came. I want to talk to a real person."
FORM_TEXT = "Role: buyer\nMessage: My parcel {} never came. Send me a copy by email."
AGENT, COPY = "I want to talk to a real person", "Send me a copy by email"


def fact(row_id):
    return f"My parcel {row_id[-1]} never came"


def items(row_id, noisy):
    """A summary with everything, and with the noise where it is asked for."""
    if row_id.startswith("botchat"):
        return format.render([fact(row_id), AGENT] if noisy else [fact(row_id)])
    base = ["The customer is a buyer", fact(row_id)]
    return format.render([*base, COPY] if noisy else base)


def row(channel, number, split):
    text = (CHAT_TEXT if channel == "botchat" else FORM_TEXT).format(number)
    return {"id": f"{channel}-00000{number}", "channel": channel, "input": text, "split": split}


def true_row(one):
    chat = one["channel"] == "botchat"
    noise = {"kind": "requests_agent" if chat else "webform_email_copy"}
    return {
        "id": one["id"],
        "channel": one["channel"],
        "language": "en",
        "sentiment": "none",
        "role": None if chat else "buyer",
        "role_stated": "absent" if chat else "stated",
        "nothing": False,
        "facts": [{"text": fact(one["id"]) + "."}],
        "noise": [{**noise, "text": (AGENT if chat else COPY) + "."}],
        "entities": {},
        "pii": [],
    }


def params(**changes):
    values = yaml.safe_load((REPO / "tests/params.yaml").read_text(encoding="utf-8"))
    values |= {
        "versions": ["org", "r1"],
        "revisions": {"r1": values["revisions"]["r1"]},
        "filtered": {},
        "runs": RUNS,
        "asked": {},
        "edited": {},
        "systems": ["teacher", "tiny", *RUNS],
        "report": {"bootstrap": 200},
        "release": None,
        **changes,
    }
    Path("params.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return load()


def judged(one, system, noisy):
    code = (
        "unn_content_requests_agent"
        if one["channel"] == "botchat"
        else "unn_content_webform_email_copy"
    )
    head = {"id": one["id"], "channel": one["channel"], "system": system}
    errors = [{"code": code, "quote": "a wish"}] if noisy else []
    return {**head, "rating": 3 if noisy else 5, "errors": errors}


def write_version(name, rows, noisy):
    made = [{**one, "target": items(one["id"], name == "org"), "edits": []} for one in rows]
    if name == "r1":
        for one in made:
            chat = one["channel"] == "botchat"
            one["edits"] = [
                {
                    "code": judged(one, "", True)["errors"][0]["code"],
                    "before": items(one["id"], True),
                    "after": format.render([AGENT])
                    if chat and one["id"][-1] == "1"
                    else one["target"],
                    "accepted": True,
                    "reason": "",
                }
            ]
    records.write_shards(paths.dataset(name), made)
    annotated = [{"id": one["id"], "source": "rules", "findings": []} for one in rows]
    records.write_shards(paths.annotated(name), annotated)
    found = [
        {
            **{key: one[key] for key in ("id", "channel", "split")},
            "code": code,
            "evidence": "",
            "source": "rules",
        }
        for one in rows
        if name == "org"
        for code in [error["code"] for error in judged(one, "", True)["errors"]] * 2
    ]
    records.write_shards(paths.findings(name), found)


def write_raw(rows):
    """The raw sample, and the same texts as what anonymize cleared."""
    chats = [
        {
            "id": one["id"][-6:],
            "turns": [{"role": "customer", "text": one["input"].removeprefix("Customer: ")}],
        }
        for one in rows
        if one["channel"] == "botchat"
    ]
    records.write(paths.SAMPLE / "botchat/chats.jsonl", chats)
    forms = [
        f"<submission id='{one['id'][-6:]}'><customer><role>buyer</role></customer>"
        f"<message>{one['input'].partition('Message: ')[2]}</message></submission>"
        for one in rows
        if one["channel"] == "webform"
    ]
    file = paths.SAMPLE / "webform/forms.xml"
    file.parent.mkdir(parents=True)
    file.write_text(f"<submissions>{''.join(forms)}</submissions>", encoding="utf-8")
    for channel in ("botchat", "webform"):
        records.write(paths.anonymized(channel), [r for r in rows if r["channel"] == channel])


def write(folder):
    """Write all of it into a folder, which is the current one."""
    for name in ("taxonomy.yaml", "prompts", ".dvc/plots"):
        copy = shutil.copytree if (REPO / name).is_dir() else shutil.copy
        copy(REPO / name, folder / name)
    tests = [row(c, n, "test") for c in ("botchat", "webform") for n in range(4)]
    audit = [row(c, n, "audit") for c in ("botchat", "webform") for n in range(4, 8)]
    audit[1]["id"] = "botchat-000001"
    records.write_shards(paths.split("test"), tests)
    records.write(paths.TRUTH, map(true_row, [*tests, *audit]))
    write_raw(tests)
    for version in ("org", "r1"):
        write_version(version, audit, version == "org")
    for system in ("teacher", "tiny", *RUNS):
        noisy = system in {"teacher", "tiny-org"}
        broken = system == "tiny"
        records.write_shards(
            paths.predictions(system),
            [
                {
                    "id": one["id"],
                    "channel": one["channel"],
                    "output": "garbage" if broken else items(one["id"], noisy),
                }
                for one in tests
            ],
        )
        rated = [judged(one, system, noisy) for one in tests]
        if broken:
            errors = [{"code": "content_other", "quote": "garbage"}]
            rated = [{**one, "rating": 1, "errors": errors} for one in rated]
        records.write_shards(paths.ratings(system), rated)
    for run in RUNS:
        file = paths.curves(run) / "plots/metrics/train/loss.tsv"
        file.parent.mkdir(parents=True)
        file.write_text("step\tloss\n1\t2.5\n2\t1.25\n", encoding="utf-8")
    for stage in stages(params()):
        counts = {"stage": stage.name, "key": stage.key, "in": 4, "ok": 3}
        records.write_json(
            paths.ledger(stage.name, stage.key), {**counts, "quarantined": {"late": 1}}
        )
    agreed = {
        "n": 4,
        "spearman": 0.8,
        "spearman_low": 0.4,
        "spearman_high": 0.9,
        "difference": 0.25,
    }
    details = {one: {"people": {"n": 0}, "truth": agreed} for one in ("botchat", "webform")}
    records.write_json(paths.METRICS / "calibration_details.json", details)
    met = {"channel": "botchat", "against": "truth", "judge": 3, "rating": 3.0, "n": 4}
    tables.write_csv(paths.CALIBRATION, list(met), [met])
