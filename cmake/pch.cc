// The source that the precompiled header belongs to: a target needs one.
