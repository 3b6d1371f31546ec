"""Fetch the releases that are looked at: resumable, verified by the registry's own hashes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tools.learn import npm, pypi, releases
from tools.learn.choose import chosen, newest
from tools.learn.packages import Wanted, wanted
from tools.learn.releases import Release

#: Releases of a package, by what they are for.
_LIMITS = {"learning": 13, "held-out": 9, "newest": 1, "drawn": 4}
_LARGEST = 15_000_000
_AT_ONCE = 4


def fetch(folder: Path) -> int:
    """Fetch what is missing; return how many packages failed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = {(one.use, one.ecosystem, one.package) for one in releases.load(folder)}
    left = [one for one in wanted() if (one.use, one.ecosystem, one.package) not in done]
    failed = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = {pool.submit(_package, one, folder): one for one in left}
        for number, future in enumerate(as_completed(running), 1):
            one = running[future]
            told = f"{number}/{len(left)}  {one.use}  {one.ecosystem}  {one.package}"
            try:
                found = future.result()
            except Exception as error:  # noqa: BLE001  (a package that fails must not cost the others)
                failed += 1
                print(f"{told}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            releases.append(folder, found)
            print(f"{told}: {sum(bool(release.file) for release in found)} of {len(found)}", flush=True)
    return failed


def _package(one: Wanted, folder: Path) -> list[Release]:
    return list(_npm(one, folder) if one.ecosystem == "npm" else _pypi(one, folder))


def _npm(one: Wanted, folder: Path) -> Iterator[Release]:
    choice = _choice(one, npm.versions(one.package, folder))
    files = npm.fetch(one.package, choice, folder)
    yield from _listed(one, "tarball", choice, files, folder)


def _pypi(one: Wanted, folder: Path) -> Iterator[Release]:
    with pypi.client() as index:
        found = pypi.files(index, one.package)
        last = list(newest({*found["wheel"], *found["sdist"]}))
        main = "wheel" if any(version in found["wheel"] for version in last) else "sdist"
        for form in sorted({main, "sdist"} if one.sdist else {main}):
            choice = _choice(one, found[form])
            wanted = {version: found[form][version] for version in choice}
            files = pypi.fetch(index, one.package, wanted, folder, _LARGEST)
            yield from _listed(one, form, choice, files, folder)


def _choice(one: Wanted, versions: Iterable[str]) -> dict[str, str]:
    return dict(newest(versions)) if one.use == "newest" else chosen(versions, _LIMITS[one.use])


def _listed(
    one: Wanted, form: str, choice: dict[str, str], files: dict[str, Path], folder: Path
) -> Iterator[Release]:
    for version, before in choice.items():
        file = files.get(version)
        large = file is not None and file.stat().st_size > _LARGEST
        if large and file is not None:
            file.unlink()
        yield Release(
            use=one.use,
            ecosystem=one.ecosystem,
            package=one.package,
            version=version,
            before=before,
            form=form,
            file="" if file is None or large else str(file.relative_to(folder)),
            why="" if file is not None and not large else f"larger than {_LARGEST:,} bytes, or not there",
        )
