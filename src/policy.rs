//! Who asks, what they may do, and whose rows they see while they do it. Only this module makes a [`Scope`]; every query of the store needs one.

pub mod action;
pub mod audience;
pub mod principal;
pub mod scope;

pub use action::{Action, Denied, background, decide, lookout};
pub use audience::{Audience, Record};
pub use principal::{Member, MemberKind, Principal};
pub use scope::{Person, Reach, Scope, View};
