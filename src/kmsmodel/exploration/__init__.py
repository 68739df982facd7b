"""Every combination of a KMS key's facts, walked; tables and pictures are printed from the walk."""
