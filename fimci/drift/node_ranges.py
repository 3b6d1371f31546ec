"""Whether a version is outside of a range in the words of npm, which pnpm, yarn, deno and Cargo share."""

from __future__ import annotations

#: Letters of a version or range that somebody means.
_LONGEST = 100


def outside(got: str, wanted: str, *, loose: bool = True, prerelease: bool = False) -> bool:
    """Tell whether a version is surely outside; what is no range, or no plain one, is left to others."""
    if max(len(wanted), len(got)) > _LONGEST:
        return False
    import nodesemver  # type: ignore[import-untyped]  # noqa: PLC0415  (only where a lock is judged)

    try:
        if nodesemver.valid_range(wanted, loose=loose) is None:
            return False
        return not nodesemver.satisfies(got, wanted, loose=loose, include_prerelease=prerelease)
    except ValueError:
        return False


def beyond(got: str, wanted: str) -> bool:
    """Tell whether what a project got is surely not what it asked a registry for.

    Another package is none; a git repository or a URL of the same name is for other rules.
    """
    if not wanted or max(len(wanted), len(got)) > _LONGEST:
        return False
    import nodesemver  # noqa: PLC0415  (the same)

    try:
        if nodesemver.valid(got, loose=True) is None:
            return got.startswith("npm:") and nodesemver.valid_range(wanted, loose=True) is not None
    except ValueError:
        return False
    return outside(got, wanted)
