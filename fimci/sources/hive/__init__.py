"""`hive:FILE` and `hive:HKLM/KEY`: the Windows registry, from a file or, on Windows, as it is now.

`regf` takes a file apart, `live` asks Windows, `values` says what a value is as text, `walk` makes records of
both. docs/registry-keys.md says what is recorded, docs/decisions/registry.md why the format is read here.
"""
