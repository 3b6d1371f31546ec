"""The tables of a history, and the steps from each version to the next (SQLite's `user_version`).

A step, once released, stays as it is: there are files of every version.
"""

from __future__ import annotations

#: What the header of the file says that it is ("fimh").
APPLICATION = 0x66696D68

#: The verb of what a watch tells after its first check: of what happened, not of everything.
WATCHING = "watching"
#: The verb of a full check that a watch makes on its schedule: what it found is told by runs of their own.
SWEPT = "watched"

_FIRST = """
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  moment REAL NOT NULL,
  verb TEXT NOT NULL,
  host TEXT NOT NULL,
  version TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  files INTEGER NOT NULL,
  packages INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  unread INTEGER NOT NULL,
  exit_code INTEGER NOT NULL,
  fail_on TEXT NOT NULL
);
CREATE TABLE findings (
  run INTEGER NOT NULL REFERENCES runs (number),
  fingerprint TEXT NOT NULL,
  rule TEXT NOT NULL,
  severity INTEGER NOT NULL,
  path TEXT NOT NULL,
  line INTEGER NOT NULL,
  package TEXT NOT NULL,
  message TEXT NOT NULL,
  accepted INTEGER NOT NULL
);
"""
_SECOND = """
CREATE TABLE acceptances (
  fingerprint TEXT NOT NULL,
  reason TEXT NOT NULL,
  by TEXT NOT NULL,
  expires TEXT NOT NULL,
  run INTEGER NOT NULL REFERENCES runs (number),
  UNIQUE (fingerprint, reason, by, expires)
);
CREATE INDEX runs_by_moment ON runs (moment);
CREATE INDEX findings_by_run ON findings (run);
CREATE INDEX findings_by_fingerprint ON findings (fingerprint, run);
"""

#: What brings a file of version N to N + 1.
STEPS: tuple[str, ...] = (_FIRST, _SECOND)
