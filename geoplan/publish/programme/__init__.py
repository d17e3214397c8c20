"""A programme of many parks as files that people open."""
