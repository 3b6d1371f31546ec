"""What the rules about packages know in common: releases and hosts of a side, and how origins are read."""
