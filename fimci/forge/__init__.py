"""The edges to code hosts: what a CI job's environment says about the change it judges."""
