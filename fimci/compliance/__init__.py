"""What requirements of standards fimci serves, and the evidence of a period.

The mapping is data (`mappings/*.toml`), paraphrased, with its sources and with what fimci does not do. The
files of this room belong together.
"""
