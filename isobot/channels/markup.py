"""Turns the Markdown of an answer into HTML for a page: paragraphs, lists, emphasis and links, nothing else."""

from __future__ import annotations

from functools import lru_cache

from markdown_it import MarkdownIt


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    # "zero" knows paragraphs only: what is not named here stays text, HTML and pictures above all.
    return MarkdownIt("zero").enable(["list", "emphasis", "link", "newline", "escape", "entity"])


def html_of(markdown: str) -> str:
    """Return HTML; HTML in `markdown` comes out as text, and links that are no addresses (javascript:) stay words."""
    return str(_markdown().render(markdown))
