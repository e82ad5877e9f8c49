//! What comes back from outside is taken only as it was sealed.

use chrono::NaiveDate;

use super::*;
use crate::cache::Generations;
use crate::cache::key::Question;
use crate::policy::{Action, Principal, decide};

const SCHEMA: Hash = [7; 32];

fn key(variables: &str) -> Key {
    let scope = decide(&Principal::Anonymous, Action::Browse).expect("a scope");
    let day = NaiveDate::from_ymd_opt(2027, 1, 15).expect("a day");
    Key::new(&scope, &Question::new(&[1; 32], None, variables, &SCHEMA), day).expect("a key")
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).expect("an instant")
}

fn entry() -> Entry {
    Entry::new(Bytes::from_static(b"{\"a\":1}"), vec![("course".to_owned(), 3), ("course:*".to_owned(), 0)], at(100), 0)
}

/// An entry comes back as it went; with a byte changed, cut off or added it is refused, wherever that is.
#[test]
fn only_whole_entries_are_taken() {
    let sealer = Sealer::new(b"secret");
    let bytes = sealer.seal(&key("{}"), &SCHEMA, &entry());
    let back = sealer.open(&key("{}"), &SCHEMA, &bytes.clone().into()).expect("an entry");
    assert_eq!((back.data, back.etag, back.holds.tags, back.holds.ends_at), (entry().data, entry().etag, entry().holds.tags, at(100)));
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let reject = sealer.open(&key("{}"), &SCHEMA, &changed.into()).expect_err("a changed entry");
        assert_eq!(reject, if place < FORM.len() { Reject::Form } else { Reject::Seal }, "{place}");
        let cut = sealer.open(&key("{}"), &SCHEMA, &bytes[..place].to_vec().into()).expect_err("a part of an entry");
        assert_eq!(cut, if place < FORM.len() + SEAL { Reject::Form } else { Reject::Seal }, "{place}");
    }
    let longer = [bytes.as_slice(), b" "].concat();
    assert_eq!(sealer.open(&key("{}"), &SCHEMA, &longer.into()).expect_err("more than an entry"), Reject::Seal);
}

/// An entry of another secret, key or schema is refused, and each is an alarm.
#[test]
fn entries_stay_where_they_belong() {
    let sealer = Sealer::new(b"secret");
    let bytes: Bytes = sealer.seal(&key("{}"), &SCHEMA, &entry()).into();
    let of = |sealer: &Sealer, key: &Key, schema: &Hash| sealer.open(key, schema, &bytes).expect_err("a stranger");
    let rejects =
        [of(&Sealer::new(b"other"), &key("{}"), &SCHEMA), of(&sealer, &key("{\"a\":1}"), &SCHEMA), of(&sealer, &key("{}"), &[8; 32])];
    assert_eq!(rejects, [Reject::Seal, Reject::Scope, Reject::Schema]);
    assert_eq!(rejects.map(Reject::is_alarming), [true, true, true]);
}

/// An entry holds until its end, and while nothing that it was made of was moved.
#[test]
fn entries_hold_while_nothing_moves() {
    let generations = Generations::default();
    let moved = |tag: &str, generation| [super::super::Moved { tag: tag.to_owned(), generation, at: at(1) }];
    let entry = entry();
    assert_eq!(entry.holds.judge(&generations, at(99)), Ok(()), "judged when it was made");
    generations.apply(&moved("region", 1));
    assert_eq!(entry.holds.judge(&generations, at(99)), Err(Reject::Moved), "course stands at 0");
    generations.apply(&moved("course", 3));
    assert_eq!(entry.holds.judge(&generations, at(99)), Ok(()));
    generations.apply(&moved("course:*", 1));
    assert_eq!(entry.holds.judge(&generations, at(99)), Err(Reject::Moved));
    assert_eq!(entry.holds.judge(&generations, at(100)), Err(Reject::Ended));
}
