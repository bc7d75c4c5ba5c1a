"""What the pages have in common: a title, their style, and errors in place of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from distill.errors import DistillError
from distill.workbench import markup


@contextmanager
def titled(title: str) -> Iterator[None]:
    """Show a page below its title, and what is wrong where its data cannot be read."""
    st.html(markup.STYLE)
    st.title(title)
    try:
        yield
    except DistillError as error:
        st.error("This cannot be shown.")
        st.text(str(error))
