"""The edge to package indexes: which one is asked, how, and what it says of a release.

`npm_settings` and `python_settings` find out which registries are configured, `client` asks them under one
rule, `npm` and `pypi` understand the answers, `kept` remembers downloads by digest. Nothing here decides
which release is wanted, and nothing that was downloaded is handed on before its hash was verified.
"""
