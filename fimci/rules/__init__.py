"""The objections: one module per rule, listed here and nowhere else.

A rule looks at one `Change` (`check`) or, where it needs several at once, at all of them beside
what the left side already had (`check_all`). It never reads a file, formats for a sink, or looks
at policy. Its docstring is its documentation page and ends with `Fix:`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from fimci.findings import Finding, Page, Severity
from fimci.model import Change, Record
from fimci.rules import (
    action_unpinned,
    baseline_weakened,
    binary_appeared,
    bundled_dependency_added,
    checker_disabled,
    dependency_added,
    downgrade,
    executable_appeared,
    hash_checking_off,
    hidden_text,
    insecure_origin,
    install_script_added,
    install_script_changed,
    integrity_changed,
    integrity_weakened,
    link_escapes,
    lock_drift,
    lock_edited,
    lockfile_removed,
    look_alike_name,
    name_collision,
    name_mismatch,
    origin_changed,
    override_added,
    package_manager_changed,
    pnp_changed,
    policy_changed,
    private_name_public_origin,
    protected_file_changed,
    protection_loosened,
    registry_configuration_changed,
    revision_unpinned,
    several_versions,
    source_not_registry,
    tag_moved,
    unexpected_change,
    unread,
    workflow_injection,
    workflow_privileges_widened,
    workflow_trigger_privileged,
)


class Rule(Protocol):
    """A rule that judges each change alone."""

    @property
    def SEVERITY(self) -> Severity:  # noqa: N802  (a constant of a module)
        """Grade of its findings, unless the finding itself is graded."""
        ...

    def check(self, change: Change) -> Iterator[Finding]:
        """Yield an objection to this change, or nothing."""
        ...


class WholeRule(Protocol):
    """A rule that needs to see all changes together, or what was there before."""

    @property
    def SEVERITY(self) -> Severity:  # noqa: N802  (a constant of a module)
        """Grade of its findings, unless the finding itself is graded."""
        ...

    def check_all(self, changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
        """Yield objections to the change as a whole.

        `before` is what the left side says: all its records but the files, of which it has only
        manifests and lockfiles.
        """
        ...


#: Rules for one change.
ALL: tuple[Rule, ...] = (
    install_script_changed,
    link_escapes,
    protected_file_changed,
    unread,
)
#: Rules for all changes together.
WHOLE: tuple[WholeRule, ...] = (
    action_unpinned,
    baseline_weakened,
    binary_appeared,
    bundled_dependency_added,
    checker_disabled,
    dependency_added,
    downgrade,
    executable_appeared,
    hash_checking_off,
    hidden_text,
    insecure_origin,
    install_script_added,
    integrity_changed,
    integrity_weakened,
    lock_drift,
    look_alike_name,
    name_collision,
    lock_edited,
    lockfile_removed,
    name_collision,
    name_mismatch,
    origin_changed,
    override_added,
    package_manager_changed,
    pnp_changed,
    policy_changed,
    private_name_public_origin,
    protection_loosened,
    registry_configuration_changed,
    revision_unpinned,
    several_versions,
    source_not_registry,
    tag_moved,
    unexpected_change,
    workflow_injection,
    workflow_privileges_widened,
    workflow_trigger_privileged,
)


def every() -> tuple[Rule | WholeRule, ...]:
    """Return the rules of either kind."""
    return (*ALL, *WHOLE)


def name(rule: Rule | WholeRule) -> str:
    """Return the id of a rule: its module's name with hyphens."""
    return str(rule.__name__).rpartition(".")[2].replace("_", "-")  # type: ignore[union-attr]


def page(rule: Rule | WholeRule) -> Page:
    """Cut a rule's docstring into summary, text and fix."""
    text = (rule.__doc__ or "").strip()
    body, _, fix = text.rpartition("\nFix:")
    summary, _, rest = body.strip().partition("\n")
    return Page(name(rule), rule.SEVERITY, summary.strip(), rest.strip(), " ".join(fix.split()))


def pages() -> dict[str, Page]:
    """Return the documentation of every rule by its id, in order of the alphabet."""
    return {found.rule: found for found in sorted(page(rule) for rule in every())}


def run(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Let every rule speak about the changes to what was there before."""
    for change in changes:
        for rule in ALL:
            yield from rule.check(change)
    for whole in WHOLE:
        yield from whole.check_all(changes, before)
