// Read by the leak checker of the asan preset; nothing calls it elsewhere.

extern "C" const char* __lsan_default_suppressions();

// libpqxx 6.4.5 asks for the connection's encoding before it wraps an answer, and throws when the connection has just
// been lost: that answer is never freed. A few hundred bytes once a scan that fails; AConnectionCutAnywhereIsAnError shows it.
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx\n"; }
