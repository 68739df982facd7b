"""
Paths to an access, as programs that run on a `LocalKms`.
"""
