"""`ssh://[USER@]HOST[:PORT]/PATH`: a folder on another machine, through the system's own ssh client.

Nothing is installed or written there. `address` reads the name, `client` runs one shell script after
another over one connection, `userland` finds out which tools there are, `listing` asks what is in the
folder, `answers` asks each file for something (a hash, a part of its content). docs/hosts.md says what is
done with what, docs/decisions/hosts.md why.
"""
