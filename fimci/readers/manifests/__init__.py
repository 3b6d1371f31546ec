"""What people write down: requirements, scripts, and the switches that decide where code comes from.

One module per file that a client reads (`package.json`, `pyproject.toml`, `.npmrc`, workflows, …).
Shared by the room: `settings` (tables to records, without secrets), `npm_spec` and `requirement`
(what a wanted package is and where it comes from), `workflow_sheet` and `workflow_references` (a
workflow while it is read, and what it names of others), `installed_files` (a wheel's `RECORD`).
"""
