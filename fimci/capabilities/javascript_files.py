"""The part of the catalogue of JavaScript that is about files: `fs`, its likes, and packages."""

from __future__ import annotations

from fimci.capabilities.rows import DATA, FILE, PATH, both, of, rows, whole

_FS_MODULES = ("fs", "fs-extra", "graceful-fs", "memfs.fs", "Deno")
_WRITE = (
    "writeFile appendFile write writev outputFile outputJson writeJson ensureFile "
    "mkdir mkdtemp ensureDir chmod chown utimes truncate ftruncate lchown lutimes"
)
_MOVE, _COPY = "rename move", "copyFile cp copy symlink link ensureSymlink ensureLink"
_DELETE = "rm rmdir unlink remove emptyDir"
_READ = "readFile readJson readJSON readlink realpath open opendir"
_LOOK = "readdir stat lstat access exists pathExists watch watchFile"

FILES = {
    key: row
    for module in _FS_MODULES
    for group in (
        rows("filesystem-write", of(module, " ".join(both(_WRITE))), ((0, "path"), (1, "data"))),
        rows(
            "filesystem-write",
            of(module, "createWriteStream create writeTextFile writeTextFileSync"),
            ((0, "path"), (1, "data")),
        ),
        rows("filesystem-write", of(module, " ".join(both(_MOVE))), ((0, "path"), (1, "path"))),
        rows("filesystem-write", of(module, " ".join(both(_COPY))), ((0, "source"), (1, "path"))),
        rows("filesystem-delete", of(module, " ".join(both(_DELETE))), PATH),
        rows("", of(module, " ".join(both(_READ))), PATH, FILE),
        rows("", of(module, "createReadStream openAsBlob readTextFile readTextFileSync"), PATH, FILE),
        rows("", of(module, " ".join(both(_LOOK))), PATH),
    )
    for key, row in group.items()
} | {
    **rows(
        "filesystem-write",
        [f"{module}.createWriteStream().write" for module in _FS_MODULES],
        (*DATA, ("url", "path")),
    ),
    **rows(
        "filesystem-write",
        ["Bun.write", "write-file-atomic", "write-file-atomic.sync", "jsonfile.writeFile"],
        ((0, "path"), (1, "data")),
    ),
    **rows(
        "filesystem-write",
        [*of("tar", "x extract"), "extract-zip", "decompress", "unzipper.Extract", "tar-fs.extract"],
        (("cwd", "path"), (1, "path")),
    ),
    **rows("filesystem-write", of("adm-zip()", "extractAllTo extractEntryTo extractAllToAsync"), PATH),
    **rows(
        "filesystem-write",
        of("@electron/asar", "createPackage createPackageWithOptions")
        + of("asar", "createPackage createPackageWithOptions"),
        ((1, "path"),),
    ),
    **rows("filesystem-write", ["vscode.workspace.fs.writeFile"], ((0, "path"), (1, "data"))),
    **rows("filesystem-write", ["mkdirp", "mkdirp.sync", "make-dir"], PATH),
    **rows("filesystem-delete", whole("rimraf del trash"), PATH),
    **rows("", of("adm-zip()", "addLocalFolder addLocalFile addLocalFolderPromise addLocalFileAsync"), PATH),
    **rows("", ["Bun.file", *whole("glob fast-glob globby tiny-glob")], PATH, FILE),
}
