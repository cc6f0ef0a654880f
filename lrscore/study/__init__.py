"""Studies: many pictures or graphs under many settings, cut into shards that any number of workers share.

A study is a frozen `StudySettings`; `run_study` does what is missing of it in a folder, and the folder holds one
certificate file for every picture and setting, `study.toml`, and one table. See docs/studies.md.
"""
