-- One row for each column of a Parquet file: its name and type first.
describe from read_parquet($path);
