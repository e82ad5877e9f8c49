//! Under which key an answer is kept. There is one way to make one, from a scope: no answer can be found by whom it was not made for.

use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};

use crate::policy::Scope;

/// SHA-256 of a text.
pub type Hash = [u8; 32];

/// The key of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Hash);

/// What is asked, whoever asks and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question(Hash);

impl Question {
    /// Of the SHA-256 of a document's text, one of its operations, the variables as they were given, as JSON with sorted keys, and the SHA-256 of the schema's text.
    #[must_use]
    pub fn new(document: &Hash, operation: Option<&str>, variables: &str, schema: &Hash) -> Self {
        let operation = operation.unwrap_or_default();
        Self(hash(b"question", &[document, operation.as_bytes(), variables.as_bytes(), schema]))
    }
}

impl Key {
    /// The key of a question that is asked in a scope on a day, which some answers depend on; `None` for every scope but that of the public, whose answers alone are kept.
    #[must_use]
    pub fn new(scope: &Scope, question: &Question, day: NaiveDate) -> Option<Self> {
        is_public(scope).then(|| Self(hash(b"public", &[&question.0, &day.num_days_from_ce().to_be_bytes()])))
    }

    /// The key of a part of answers, which is told by a text and hangs on the day; `None` for every scope but that of the public, for which no text is made.
    #[must_use]
    pub fn of_part(scope: &Scope, text: impl FnOnce() -> String, day: NaiveDate) -> Option<Self> {
        is_public(scope).then(|| Self(hash(b"part", &[text().as_bytes(), day.to_string().as_bytes()])))
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &Hash {
        &self.0
    }
}

/// Hashes each piece behind its length: no two questions read the same.
fn hash(sort: &[u8], pieces: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for piece in std::iter::once(sort).chain(pieces.iter().copied()) {
        hash.update((piece.len() as u64).to_be_bytes());
        hash.update(piece);
    }
    hash.finalize().into()
}

/// Whether a scope shows what anyone may see, and nothing more.
#[must_use]
pub fn is_public(scope: &Scope) -> bool {
    scope.is_public() && !scope.shows_own()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::domain::role::{Role, Roles};
    use crate::domain::tenant::Tenant;
    use crate::policy::{Action, Member, MemberKind, Principal, decide};

    /// Questions that differ in anything at all have keys that differ, and nobody but the public has any.
    #[test]
    fn keys_differ_with_everything() {
        let public = decide(&Principal::Anonymous, Action::Browse).expect("a scope");
        let day = NaiveDate::from_ymd_opt(2027, 1, 15).expect("a day");
        let (one, other) = ([1; 32], [2; 32]);
        let question = Question::new(&one, Some("A"), "{}", &one);
        let questions = [
            (question, day),
            (Question::new(&other, Some("A"), "{}", &one), day),
            (Question::new(&one, None, "{}", &one), day),
            (Question::new(&one, Some("A{}"), "", &one), day),
            (Question::new(&one, Some("A"), "{\"a\":1}", &one), day),
            (Question::new(&one, Some("A"), "{}", &other), day),
            (question, day.succ_opt().expect("a day")),
        ];
        let keys: HashSet<Key> = questions.iter().filter_map(|(question, day)| Key::new(&public, question, *day)).collect();
        assert_eq!(keys.len(), questions.len());
        let member = Member {
            issuer: Uuid::nil(),
            subject: "x".to_owned(),
            kind: MemberKind::Person,
            display_name: "X".to_owned(),
            tenant: Tenant::Institution(Uuid::from_u128(1)),
            roles: Roles::from_iter([Role::InstitutionAdmin]),
            learner: Arc::default(),
            teacher: None,
        };
        let member = Principal::Member(Arc::new(member));
        for action in [Action::Browse, Action::Look] {
            let scope = decide(&member, action).expect("a scope");
            assert_eq!(Key::new(&scope, &question, day), None);
        }
    }
}
