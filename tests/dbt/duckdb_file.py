"""SQL on a DuckDB file through the C API of the very library that Weir loads; needs no package."""

import ctypes
import pathlib


class Result(ctypes.Structure):
    _fields_ = [("deprecated", ctypes.c_void_p * 5), ("internal", ctypes.c_void_p)]


class DuckDb:
    def __init__(self, library, path):
        if not pathlib.Path(library).is_file():
            raise SystemExit(f"{library} is missing; run tests/install/install_duckdb.sh {pathlib.Path(library).parent}")
        self.api = ctypes.CDLL(str(library))
        self.api.duckdb_result_error.restype = ctypes.c_char_p
        self.api.duckdb_row_count.restype = ctypes.c_uint64
        self.api.duckdb_value_varchar.restype = ctypes.c_void_p
        self.api.duckdb_value_varchar.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64]
        self.api.duckdb_free.argtypes = [ctypes.c_void_p]
        self.database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        if self.api.duckdb_open(str(path).encode(), ctypes.byref(self.database)):
            raise SystemExit(f"{path} is not a DuckDB file that {library} reads")
        if self.api.duckdb_connect(self.database, ctypes.byref(self.connection)):
            raise SystemExit(f"cannot connect to {path}")

    def first_column(self, sql):
        """Runs the statement; gives the first column of its rows as text."""
        result = Result()
        try:
            if self.api.duckdb_query(self.connection, sql.encode(), ctypes.byref(result)):
                raise SystemExit(f"{sql}: {self.api.duckdb_result_error(ctypes.byref(result)).decode()}")
            return [self.text(result, row) for row in range(self.api.duckdb_row_count(ctypes.byref(result)))]
        finally:
            self.api.duckdb_destroy_result(ctypes.byref(result))

    def text(self, result, row):
        pointer = self.api.duckdb_value_varchar(ctypes.addressof(result), 0, row)
        if not pointer:
            return None
        try:
            return ctypes.string_at(pointer).decode()
        finally:
            self.api.duckdb_free(pointer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.api.duckdb_disconnect(ctypes.byref(self.connection))
        self.api.duckdb_close(ctypes.byref(self.database))
