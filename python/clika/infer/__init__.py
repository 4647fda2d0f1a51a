"""Asking models: how a question becomes a prompt, and who answers it.

A deep-learning framework is imported inside functions of the modules of ``backends`` alone, so that
whoever rescores needs none.
"""
