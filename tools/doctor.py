"""Leakage check: `make doctor` looks for raw or quarantined data that could leave the machine.

out  ok       git tracks no raw data
     PROBLEM  data/raw is not ignored by git; remedy: add the line /data/raw/ to .gitignore

The exit status is 1 where there is a problem. It only reads: the user applies the remedies.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path

import yaml
from dvc.exceptions import DvcException
from dvc.output import Output
from dvc.repo import Repo
from yarl import URL

from contents import LARGEST, Blob, Raw, blobs, content_of, hashes, messages
from distill import paths, provenance, stage
from distill.errors import InputError, ParamsError
from distill.params import load
from distill.params.arf import Params
from distill.privacy.seal import key

Problem = tuple[str, str]  # the problem and its remedy
FOLDERS = (paths.RAW, paths.QUARANTINE, paths.workspace())
# All commits except those of experiments and stashes, which have checks of their own.
HISTORY = ("--exclude=refs/exps/*", "--exclude=refs/stash", "--all")


def private(params: Params) -> list[Path]:
    """Return the private folders: raw data, quarantine, cache of replies, and the source."""
    source = Path(os.path.relpath(params.source))
    inside = [folder for folder in FOLDERS if source.is_relative_to(folder)]
    if params.on_sample or inside or ".." in source.parts:
        return list(FOLDERS)
    return [*FOLDERS, source]


def tracked(params: Params) -> Iterator[Problem]:
    """Yield private folders with files in git's index."""
    for folder in private(params):
        if git("ls-files", "--", str(folder)):
            yield f"git tracks files of {folder}", f"`git rm -r --cached {folder}`, then commit"


def ignored(params: Params) -> Iterator[Problem]:
    """Yield private folders that `git add` or `dvc exp run` would commit."""
    for folder in private(params):
        links = [path for path in (*folder.parents, folder) if path.is_symlink()]
        shown = links[0] if links else folder / "any"  # git does not look behind a link
        if not git("check-ignore", "--no-index", str(shown)):
            line = links[0] if links else f"{folder}/"
            yield f"{folder} is not ignored by git", f"add the line /{line} to .gitignore"


def committed(params: Params) -> Iterator[Problem]:
    """Yield private folders with files in a branch, tag or remote branch."""
    for folder in private(params):
        if commit := holds(folder, *HISTORY):
            yield (
                f"git's history holds files of {folder}, for example commit {commit}",
                f"delete the branches and tags that reach it, or rewrite them with `git filter-repo"
                f" --invert-paths --path {folder}`, and have every clone deleted",
            )


def stashed(params: Params) -> Iterator[Problem]:
    """Yield stashes with private files."""
    for line in git("stash", "list", "--format=%H %gd"):
        commit, name = line.split()
        for folder in private(params):
            if holds(folder, commit, "--not", *HISTORY):
                yield f"{name} holds files of {folder}", f"`git stash drop {name}`"


def experimented(params: Params) -> Iterator[Problem]:
    """Yield experiments, run or queued, with private files that `dvc exp push` would push."""
    for ref, commits in experiments():
        for folder in private(params):
            if holds(folder, *commits, "--not", *HISTORY):
                yield f"the experiment {ref} holds files of {folder}", _removal(ref)


def pushed(params: Params) -> Iterator[Problem]:
    """Yield private outputs that `dvc push` would copy to the remote."""
    for out in outputs():
        if out.can_push and _is_private(out, params):
            yield (
                f"`dvc push` would push {_path(out)}",
                f"add `push: false` to this output in {out.stage.relpath}",
            )


def _is_private(out: Output, params: Params) -> bool:
    return any(_overlaps(_path(out), folder) for folder in private(params))


def pushed_of_old(params: Params) -> Iterator[Problem]:
    """Yield private data that a push of other commits and experiments would copy."""
    for file, commit in pushable(private(params), *HISTORY).items():
        yield (
            f"`dvc push --all-commits` would push the data of {file}, for example of commit"
            f" {commit}, which lacks `push: false`",
            f"delete the branches and tags that reach it, or rewrite them with `git filter-repo"
            f" --invert-paths --path {file}` and add the file again; if you ever pushed, delete"
            " the data from the remote as well",
        )
    for ref, commits in experiments():
        for file in pushable(private(params), *commits, "--not", *HISTORY):
            yield f"`dvc exp push` would push the data of {file} in {ref}", _removal(ref)


def added(params: Params) -> Iterator[Problem]:
    """Yield a source that DVC does not track: experiments would lack it, or git would add it."""
    source = Path(os.path.relpath(params.source))
    if params.on_sample or ".." in source.parts:
        return
    if not any(_covers(out, source) for out in outputs()):
        first = "" if source.exists() else "put your interactions there, then "
        yield (
            f"{source} is not tracked by DVC",
            f"{first}`dvc add {source}`, then add `push: false` to its output in {source}.dvc",
        )


def copied(params: Params) -> Iterator[Problem]:
    """Yield files and messages in git that hold raw data under another name."""
    raw = Raw([folder for folder in private(params) if folder != paths.workspace()])
    for blob in blobs() if raw.files else ():
        inside = any(Path(blob.path).is_relative_to(folder) for folder in private(params))
        if not inside and raw.copied_in(blob.content):
            yield (
                f"git holds raw data in {blob.path} (object {blob.object[:8]})",
                "delete the refs that reach it, or rewrite them with `git filter-repo"
                " --strip-blobs-with-ids`, and have every clone deleted",
            )
    for name, text in messages() if raw.files else ():
        if raw.copied_in(text):
            yield f"the message of {name} quotes raw data", "rewrite it with `git filter-repo`"


def pushed_copies(params: Params) -> Iterator[Problem]:
    """Yield outputs that `dvc push` would copy and that hold raw data under another name."""
    raw = Raw([folder for folder in private(params) if folder != paths.workspace()])
    repo = Repo()
    cache = Path(repo.cache.local.path).parent.parent if raw.files else Path()
    for out in outputs() if raw.files else ():
        if out.can_push and out.hash_info.value and not _is_private(out, params):
            found = hashes(cache, out.hash_info.value)
            if any(one in raw.md5 or raw.copied_in(content_of(cache, one)) for one in found):
                yield (
                    f"`dvc push` would push raw data in {_path(out)}",
                    f"add `push: false` to this output in {out.stage.relpath}",
                )


def pushed_copies_of_old(params: Params) -> Iterator[Problem]:
    """Yield old outputs, by their files of DVC in git, that hold raw data under another name."""
    raw = Raw([folder for folder in private(params) if folder != paths.workspace()])
    cache = Path(Repo().cache.local.path).parent.parent if raw.files else Path()
    for blob in blobs() if raw.files else ():
        listed = _pushed_hashes(blob, params) if blob.path.endswith(".dvc") else ()
        if any(one in raw.md5 for value in listed for one in hashes(cache, value)):
            yield (
                f"`dvc push --all-commits` would push raw data that {blob.path} names (object"
                f" {blob.object[:8]})",
                "delete the refs that reach it, or rewrite them with `git filter-repo"
                " --strip-blobs-with-ids`; if you ever pushed, delete it from the remote as well",
            )


def _pushed_hashes(blob: Blob, params: Params) -> list[str]:
    """Return the hashes of what a .dvc file lets DVC push, private folders aside."""
    text = blob.content.decode("utf-8", "ignore")
    paths_of = _pushed(blob.path, text)
    if any(_overlaps(path, folder) for path in paths_of for folder in private(params)):
        return []  # a problem of another check
    return MD5.findall(text) if paths_of else []


def unlike_the_sample(_: Params) -> Iterator[Problem]:
    """Yield files that somebody put into the folder of the synthetic corpus, which is pushed."""
    for file in provenance.foreign(paths.SAMPLE, paths.TRUTH):
        yield (
            f"{file} is not what the stage `sample` wrote, and `dvc push` would copy it",
            "move interactions of your own to data/raw, delete what is left, then `dvc repro`",
        )


def warnings(params: Params) -> Iterator[str]:
    """Yield endpoints that may let more out than their settings say."""
    for name, endpoint in params.endpoints.items():
        url = URL(endpoint.base_url)
        for network in endpoint.allow_hosts:
            if "/" in network and ip_network(network).prefixlen < NARROWEST:
                yield f"endpoints.{name}.allow_hosts: {network} is far more than your own network"
        if url.host in ("localhost", "127.0.0.1", "::1"):
            yield f"endpoints.{name}: nobody checks where {url.host} passes on what it is sent"
        elif url.scheme == "http":
            yield f"endpoints.{name}: text goes to {url.host} unencrypted, by http"


def secret(params: Params) -> Iterator[Problem]:
    """Yield a missing secret: surrogates and seals need a key of the user's own."""
    try:
        key(params.anonymize, params.on_sample)
    except ParamsError as error:
        problem, _, remedy = str(error).partition("; ")
        yield problem, remedy


MD5 = re.compile(r"md5: ([\da-f]{32}(?:\.dir)?)\b")
NARROWEST = 8  # bits of a network's prefix; a shorter one is more than anybody's own network
# What no check looks at, printed so that nobody takes "ok" for more than it is.
NOT_LOOKED_AT = (
    "remotes and clones of others, and data pushed before",
    f"files of more than {LARGEST // 1_000_000} MB, images, audio, encrypted archives",
    "raw text that was retyped, translated or cut into runs of fewer than eight words",
)
CHECKS: dict[str, Callable[[Params], Iterator[Problem]]] = {
    "git tracks no raw data": tracked,
    "git ignores raw data": ignored,
    "git's history has no raw data": committed,
    "no stash has raw data": stashed,
    "no experiment has raw data": experimented,
    "dvc push leaves out raw data": pushed,
    "dvc push leaves out raw data of old commits and experiments": pushed_of_old,
    "the source is the sample or tracked by DVC": added,
    "no file or message in git has raw data under another name": copied,
    "dvc push leaves out raw data under another name": pushed_copies,
    "dvc push leaves out raw data under another name, of old commits too": pushed_copies_of_old,
    "data/sample is as the stage sample wrote it": unlike_the_sample,
    "the secret is set, or the source is the sample": secret,
}


def git(*arguments: str) -> list[str]:
    """Return the lines that a git command prints; raises InputError where it fails."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode > 1:  # 1 is the answer no of check-ignore
        raise InputError(f"git {arguments[0]}: {' '.join(done.stderr.split())}")
    return done.stdout.splitlines()


def holds(folder: Path, *revisions: str) -> str:
    """Return a commit among the revisions that touches the folder, "" if there is none.

    --full-history is needed: by default git skips a merged branch whose files were deleted before
    the merge.
    """
    found = git("log", "-1", "--full-history", "--format=%h", *revisions, "--", str(folder))
    return "".join(found)


def experiments() -> Iterator[tuple[str, set[str]]]:
    """Yield each experiment's ref with all commits of its reflog."""
    for ref in git("for-each-ref", "--format=%(refname)", "refs/exps"):
        yield ref, {ref, *git("reflog", "show", "--format=%H", ref)}


def pushable(folders: list[Path], *revisions: str) -> dict[str, str]:
    """Return .dvc file -> a commit in which it lets DVC push one of the folders."""
    found: dict[str, str] = {}
    for commit in git("log", "--full-history", "--format=%h", *revisions, "--", "*.dvc"):
        for entry in git("-c", "core.quotepath=off", "ls-tree", "-r", commit):
            about, _, file = entry.partition("\t")
            if file.endswith(".dvc") and file not in found:
                text = "\n".join(git("cat-file", "blob", about.split()[2]))
                if any(
                    _overlaps(path, folder) for path in _pushed(file, text) for folder in folders
                ):
                    found[file] = commit
    return found


def _pushed(file: str, text: str) -> list[Path]:
    """Return the paths that a .dvc file of this content lets DVC push."""
    try:
        content = yaml.safe_load(text)
        folder = Path(file).parent / content.get("wdir", "")
        outs = [out for out in content.get("outs", []) if out.get("push", True)]
        return [Path(os.path.normpath(folder / out["path"])) for out in outs]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError):
        return []  # not a file of DVC


def _overlaps(path: Path, folder: Path) -> bool:
    return folder.is_relative_to(path) or path.is_relative_to(folder)


def outputs() -> list[Output]:
    """Return the outputs of every stage and .dvc file; raises InputError where DVC fails."""
    try:
        return [out for out in Repo().index.outs if out.protocol == "local"]
    except DvcException as error:
        raise InputError(f"dvc: {' '.join(str(error).split())}") from error


def _path(out: Output) -> Path:
    return Path(os.path.relpath(out.fs_path))


def _covers(out: Output, folder: Path) -> bool:
    return folder.is_relative_to(_path(out))


def _removal(ref: str) -> str:
    if ref.startswith("refs/exps/celery/"):
        return "`dvc queue remove --all`"
    if ref.startswith("refs/exps/exec/"):
        return f"`git update-ref -d {ref}`"
    return f"`dvc exp remove {ref.rpartition('/')[2]}`"


def main() -> None:
    """Print one line for each check that passes, or for each of its problems."""
    args = stage.parser(__doc__).parse_args()
    params, found = load(args.params), False
    for what, check in CHECKS.items():
        problems = list(check(params))
        for problem, remedy in problems:
            print(f"PROBLEM  {problem}; remedy: {remedy}")
        if not problems:
            print(f"ok       {what}")
        found = found or bool(problems)
    for warning in warnings(params):
        print(f"warning  {warning}")
    for what in NOT_LOOKED_AT:
        print(f"note     not looked at: {what}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    stage.main(main)
