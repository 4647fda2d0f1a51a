"""The metrics: arrays in, arrays out, no input or output.

Definitions: docs/metrics.md. Inside these modules an undefined value is NaN beside a reason; where
numbers leave for the store, NaN becomes NULL.
"""
