//! Counting statements where SQLite itself sees them: its trace, switched on for every connection of this process.
#![expect(unsafe_code, reason = "SQLite's trace is reached through its C interface only, and only in tests")]

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::{LazyLock, Mutex, Once};

use libsqlite3_sys as ffi;

/// Statements of each file so far, and the text of the last one.
static SEEN: LazyLock<Mutex<HashMap<String, (u64, String)>>> = LazyLock::new(Mutex::default);

/// Begins to count; to be called before the first connection.
pub(super) fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the function has the signature that SQLite calls extensions by.
        let code = unsafe { ffi::sqlite3_auto_extension(Some(watch)) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite can be traced");
    });
}

/// Statements that the database in a file was sent so far.
pub(super) fn count(file: &str) -> u64 {
    SEEN.lock().expect("counts").get(file).map(|(count, _)| *count).unwrap_or_default()
}

/// Text of the statement that the database in a file was sent last.
pub(super) fn last(file: &str) -> String {
    SEEN.lock().expect("counts").get(file).map(|(_, text)| text.clone()).unwrap_or_default()
}

/// Called by SQLite for every new connection.
unsafe extern "C" fn watch(database: *mut ffi::sqlite3, _: *mut *mut c_char, _: *const ffi::sqlite3_api_routines) -> c_int {
    // SAFETY: the connection is open, and the callback has the signature that SQLite asks for.
    unsafe { ffi::sqlite3_trace_v2(database, ffi::SQLITE_TRACE_STMT as c_uint, Some(seen), std::ptr::null_mut()) }
}

/// Called by SQLite when a statement begins.
unsafe extern "C" fn seen(_: c_uint, _: *mut c_void, statement: *mut c_void, text: *mut c_void) -> c_int {
    // SAFETY: SQLite gives a statement and its text, both alive during the call.
    let (file, text) = unsafe {
        let database = ffi::sqlite3_db_handle(statement.cast());
        let file = ffi::sqlite3_db_filename(database, c"main".as_ptr());
        if file.is_null() || text.is_null() {
            return 0;
        }
        (CStr::from_ptr(file).to_string_lossy().into_owned(), CStr::from_ptr(text.cast()).to_string_lossy())
    };
    // The full-text tables run statements of their own on their hidden tables; settings of a connection are not ours either.
    // Nor is a new connection's look at the tables that there are, and at what is known of their rows.
    let names = ["_words_", "sqlite_master", "sqlite_stat"];
    let is_internal = names.iter().any(|name| text.contains(name)) || text.starts_with("--") || text.trim_start().starts_with("PRAGMA");
    if !is_internal {
        let mut seen = SEEN.lock().expect("counts");
        let (count, last) = seen.entry(file).or_default();
        *count += 1;
        *last = text.into_owned();
    }
    0
}
