"""The HTML report: questions to the published marts, answered with sentences, charts and tables. Reads a published file
and writes a folder; what the answers mean is decided in the marts, never here.
"""
