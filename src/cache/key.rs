//! Under which key an answer is kept. There is one way to make one, from a scope: no answer can be found by whom it was not made for.

use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};

use crate::policy::Scope;

/// SHA-256 of a text.
pub type Hash = [u8; 32];

/// The key of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Hash);

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// SHA-256 of the document's text.
    pub document: &'a Hash,
    /// Which of its operations.
    pub operation: Option<&'a str>,
    /// The variables as they were given, as JSON with sorted keys.
    pub variables: &'a str,
    /// SHA-256 of the schema's text.
    pub schema: &'a Hash,
    /// The present day, which some answers depend on.
    pub day: NaiveDate,
}

impl Key {
    /// The key of a question that is asked in a scope; `None` for every scope but that of the public, whose answers alone are kept.
    #[must_use]
    pub fn new(scope: &Scope, question: &Question<'_>) -> Option<Self> {
        if !is_public(scope) {
            return None;
        }
        let day = question.day.num_days_from_ce().to_be_bytes();
        let operation = question.operation.unwrap_or_default();
        let parts = [&question.document[..], operation.as_bytes(), question.variables.as_bytes(), question.schema, &day];
        Some(Self::of(b"public", &parts))
    }

    /// The key of a part of answers, which is told by a text and hangs on the day; `None` for every scope but that of the public, for which no text is made.
    #[must_use]
    pub fn of_part(scope: &Scope, text: impl FnOnce() -> String, day: NaiveDate) -> Option<Self> {
        is_public(scope).then(|| Self::of(b"part", &[text().as_bytes(), day.to_string().as_bytes()]))
    }

    /// Hashes each piece behind its length: no two questions read the same.
    fn of(sort: &[u8], pieces: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for piece in std::iter::once(sort).chain(pieces.iter().copied()) {
            hash.update((piece.len() as u64).to_be_bytes());
            hash.update(piece);
        }
        Self(hash.finalize().into())
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &Hash {
        &self.0
    }
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
        let question = Question { document: &one, operation: Some("A"), variables: "{}", schema: &one, day };
        let questions = [
            question,
            Question { document: &other, ..question },
            Question { operation: None, ..question },
            Question { operation: Some("A{}"), variables: "", ..question },
            Question { variables: "{\"a\":1}", ..question },
            Question { schema: &other, ..question },
            Question { day: day.succ_opt().expect("a day"), ..question },
        ];
        let keys: HashSet<Key> = questions.iter().filter_map(|question| Key::new(&public, question)).collect();
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
            assert_eq!(Key::new(&scope, &question), None);
        }
    }
}
