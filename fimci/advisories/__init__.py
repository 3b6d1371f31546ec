"""What is known of releases: records of OSV (malicious and vulnerable packages), read from a file at hand.

`databases` opens a file or folder and finds the records that name a package, `osv` reads one of them,
`versions` decides whether a version is meant, `grades` how bad it is, `known` answers for the packages of a
side. Nobody is asked: how the file came here, and how old it is, is up to whoever gives it.
"""
