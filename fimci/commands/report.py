"""`fimci report`: what the history is evidence of, requirement by requirement."""

from __future__ import annotations

import argparse
import datetime as dt

import fimci
from fimci import durable
from fimci.commands import history, options
from fimci.compliance import evidence, forms, mapping
from fimci.errors import UsageError
from fimci.history import store

_PDF = "pdf"


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `report`."""
    parser.add_argument("file", help="the history file written by `fimci check --history FILE`")
    parser.add_argument(
        "--compliance",
        required=True,
        choices=mapping.NAMES,
        metavar="NAME",
        help=f"the standard: {', '.join(mapping.NAMES)}",
    )
    history.describe_period(parser)
    options.describe_formats(parser, (*forms.FORMS, _PDF))


def run(given: argparse.Namespace) -> int:
    """Write the evidence; return 0, or 3 where a requirement has none, or a gap in its schedule."""
    wanted = given.format or ["text"]
    pages = [word for word in wanted if word.partition("=")[0] == _PDF]
    if any(not word.partition("=")[2] for word in pages):
        raise UsageError("a PDF goes into a file", "write it like --format pdf=evidence.pdf")
    period = history.period(given)
    made = dt.datetime.now(dt.timezone.utc)
    with store.opened(given.file) as database:
        told = evidence.dossier(database, mapping.load(given.compliance), period, made, fimci.__version__)
    texts = [word for word in wanted if word not in pages]
    if texts:
        options.write(texts, (*forms.FORMS,), lambda name: forms.FORMS[name](told))
    for word in pages:
        from fimci.compliance import pdf  # noqa: PLC0415  (an extra)

        durable.write(word.partition("=")[2], [pdf.pdf(told)])
    return 3 if any(one.gaps or not one.runs for one in told.evidence) else 0
