//! Named points at which a proof lets the program die, as it does when the machine loses its power: nothing is ended, closed or taken back.
//!
//! Only with the Cargo feature `faults`, which release builds refuse: `CONCORD_FAIL_AT=name:3` names the point and which time it is reached.

/// Dies here, if a proof says so.
#[cfg(feature = "faults")]
pub(super) fn point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static AT: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let text = std::env::var("CONCORD_FAIL_AT").ok()?;
        let (name, time) = text.split_once(':')?;
        Some((name.to_owned(), time.parse().ok()?))
    });
    static TIMES: AtomicU64 = AtomicU64::new(0);
    if let Some((chosen, time)) = &*AT
        && chosen == name
        && TIMES.fetch_add(1, Ordering::Relaxed) + 1 == *time
    {
        std::process::abort();
    }
}

/// Does nothing without the feature.
#[cfg(not(feature = "faults"))]
pub(super) const fn point(_: &str) {}
