"""What an artifact states of itself, and what is in it: the two sides of `fimci verify`.

Three things claim what is in an archive: the name of its file, its own list of files (`RECORD`), and
the commit that it is said to be built from. `named` and `listed` hold its members against the first two,
`sources` against the third. Facts that are no files are `Setting` records:

    archive.PART      what readers of the archive disagree about, on the right alone
    metadata.name     name and version of `METADATA`, `PKG-INFO` or `package.json`
    metadata.version
    wheel.tags        platforms of `WHEEL`, and the version of its format (`wheel.version`)
    folders           the metadata folder of a wheel, the top folder of an sdist or npm package
    list.ROW          a row of `RECORD` that holds no file to anything, on the right alone
    command.NAME      what a command runs, on the right alone
    module.NAME       a module at the top that the wheel does not declare, on the right alone
"""
