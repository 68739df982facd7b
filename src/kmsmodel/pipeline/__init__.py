"""Policies where people keep them, checked and compared: files in, a report out."""
