// Read by the thread sanitizer of the tsan preset; nothing calls it elsewhere.

extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_suppressions();

// Before a fork, DuckDB's allocator takes all of its locks at once, which are more than the search for deadlocks can hold: it
// stops the process. These tests load DuckDB to write Parquet, and fork its locked reader.
extern "C" const char* __tsan_default_options() { return "detect_deadlocks=0"; }

// DuckDB's library is not built with the sanitizer, which sees of its threads only the templates of the standard library that
// this program shares with it, and none of what orders them.
extern "C" const char* __tsan_default_suppressions() { return "race:libduckdb\n"; }
