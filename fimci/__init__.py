"""fimci: what changed, and what can it do now?"""

__version__ = "0.1.0"
