"""`oci:PATH[:TAG|@DIGEST]`: the file system of a container image, from a layout or a saved archive.

No daemon, no registry, nothing unpacked to disk. `store` gives the blobs of a folder or tar, `image` finds
the manifest and what belongs to it, `layers` reads one layer, `tree` lays them over each other,
`configuration` says what runs. docs/images.md says what is done with what.
"""
