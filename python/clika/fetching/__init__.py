"""Bringing a published data set to this machine: found or downloaded, checked, never half there.

The way through: :mod:`~clika.fetching.sources` says what a data set is,
:mod:`~clika.fetching.locate` finds a local copy, :mod:`~clika.fetching.download` brings one,
:mod:`~clika.fetching.archives` opens what came without trusting it,
:mod:`~clika.fetching.collect` keeps the files whose checksum is right, and
:mod:`~clika.fetching.record` says what is there. :mod:`clika.steps.fetch` walks it.
"""
