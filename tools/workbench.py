"""The workbench in the browser, started by `make workbench`.

in   what the stages wrote below data/ and metrics/
out  data/annotations/ann.jsonl  {"id": "botchat-000123", "of": "org", "rating": 3,
                                  "codes": ["unn_content_redundant"], "note": ""}
     data/feedback/workbench.jsonl  {"id": "botchat-000123", "vote": "down", "system": "tiny"}
"""

from functools import partial
from importlib import import_module

import streamlit as st

from distill.errors import ParamsError
from distill.params import load
from distill.params.arf import Params

PAGES = (
    ("Annotate", "annotate"),
    ("Revisions", "revisions"),
    ("Results", "results"),
    ("Try it", "try_it"),
)


def show(name: str, params: Params) -> None:
    """Show one page of distill.workbench; only then is it imported."""
    import_module(f"distill.workbench.{name}").page(params)


def main() -> None:
    """Show the page that was asked for."""
    st.set_page_config(page_title="Workbench", layout="wide")
    try:
        params = load()
    except ParamsError as error:
        st.code(str(error), language=None, wrap_lines=True)
        return
    pages = [
        st.Page(partial(show, name, params), title=title, url_path=name, default=name == "annotate")
        for title, name in PAGES
    ]
    st.navigation(pages, position="top").run()


if __name__ == "__main__":
    main()
