"""The atlas: factual multiple-choice items about countries, in the languages that CLDR has.

The facts and the names come from the Unicode CLDR as the package Babel brings it, so every item is
the same question in every language: same id, same options in the same order, same right option.
"""
