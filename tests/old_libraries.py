"""What old libraries that are promised cannot do: such a test is skipped with them, and says why."""

import io

import pyarrow as pa
import pyogrio
import pytest
from pyarrow import parquet


def reads_missing_pairs() -> bool:
    """Tell whether pyarrow reads a missing list of two numbers that it has written."""
    file = io.BytesIO()
    parquet.write_table(pa.table({"geometry": pa.array([[0.0, 1.0], None], pa.list_(pa.float64(), 2))}), file)
    try:
        parquet.read_table(file)
    except pa.ArrowInvalid:
        return False
    return True


needs_libkml = pytest.mark.skipif(
    "LIBKML" not in pyogrio.list_drivers(), reason="pyogrio 0.9 to 0.11 come without LIBKML"
)
needs_missing_pairs = pytest.mark.skipif(
    not reads_missing_pairs(), reason="pyarrow 15 to 24 cannot read a missing pair of numbers"
)
