"""Expressions of workflows (`${{ … }}`), and the contexts in them that strangers write."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\$\{\{|\}\}|'")
_STRING = re.compile(r"'[^']*'")
_INDEX = re.compile(r"\[\s*'([\w-]+)'\s*\]|\[\s*(?:\d+|\*)\s*\]")
_CONTEXT = re.compile(r"(?<![\w.-])(?:github|inputs)(?:\.[\w*-]+)+")
_WHOLE = re.compile(r"\btojson\(\s*(github(?:\.event)?)\s*\)")
#: What only ever gives true or false carries no text of a stranger.
_YES_OR_NO = re.compile(
    r"\b(?:contains|startswith|endswith)\([^()]*\)|(?<![\w.*-])[\w.*-]*\s?[=!]=\s?[\w.*-]*"
)
_SPACE = re.compile(r"\s+")

#: GitHub Security Lab, "Keeping your GitHub Actions and workflows secure, part 2: untrusted input".
_STRANGERS = re.compile(
    r"github\.head_ref"
    r"|github\.event\.(?:issue|pull_request|discussion)\.(?:title|body)"
    r"|github\.event\.(?:comment|review|review_comment)\.body"
    r"|github\.event\.pages(?:\.\*)?\.page_name"
    r"|github\.event\.(?:commits(?:\.\*)?|head_commit)\.(?:message|(?:author|committer)\.(?:email|name))"
    r"|github\.event\.pull_request\.head\.(?:ref|label|repo\.(?:default_branch|description|homepage))"
    r"|github\.event\.workflow_run\.(?:head_branch|display_title|head_commit\.(?:message|(?:author|committer)\.(?:email|name))"
    r"|head_repository\.description|pull_requests(?:\.\*)?\.head\.ref)"
    r"|github\.event\.client_payload(?:\.[\w*-]+)*"
)
_INPUTS = re.compile(r"(?:github\.event\.)?inputs\.[\w*-]+")


def expressions(text: str) -> Iterator[tuple[str, int]]:
    """Yield the inside of each expression and how many lines stand before it; in linear time.

    A string in an expression may hold `}}`; one that never ends is no expression.
    """
    start, quoted = -1, False
    line = counted = 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        if start < 0:
            start = found.end() if token == "${{" else -1  # noqa: S105  (syntax, no password)
        elif token == "'":  # noqa: S105  (the same)
            quoted = not quoted
        elif token == "}}" and not quoted:  # noqa: S105  (the same)
            line += text.count("\n", counted, start)
            counted = start
            yield text[start : found.start()], line
            start = -1


def untrusted(expression: str) -> list[str]:
    """Return the contexts in an expression whose text a stranger decides, in one spelling.

    `github['event'].issue.title` is `github.event.issue.title`; an index is `.*` or nothing.
    """
    return [name for name in _contexts(expression) if _STRANGERS.fullmatch(name) or name in _EVERYTHING]


def inputs(expression: str) -> list[str]:
    """Return the contexts in an expression that whoever starts or calls the workflow decides."""
    return [name for name in _contexts(expression) if _INPUTS.fullmatch(name)]


_EVERYTHING = {"tojson(github)", "tojson(github.event)"}


def _contexts(expression: str) -> list[str]:
    text = _INDEX.sub(lambda index: f".{index[1]}" if index[1] else "", expression.lower())
    text = _SPACE.sub(" ", _STRING.sub("", text)).replace(" .", ".").replace(". ", ".")
    text = _YES_OR_NO.sub(" ", text)
    return [*_CONTEXT.findall(text), *(f"tojson({whole})" for whole in _WHOLE.findall(text))]
