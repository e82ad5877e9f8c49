//! Answers that are kept, and how it is known that they still hold: each remembers how often what it was made of had changed, and holds only while that is still so.
//!
//! Only complete public answers are kept, and below them, in the process, public pages and objects as they were read. Nothing ever needs to be deleted, and nothing that is kept is believed for being there.

mod answers;
mod bucket;
mod counts;
mod entry;
pub mod generation;
mod holds;
mod key;
mod memory;
mod parts;
mod redis;
pub mod tag;

pub use answers::{Answers, Found, Turn};
pub use bucket::{BUCKETS, Buckets, Line, Payer, Taken};
pub use counts::Counts;
pub use entry::{Entry, Reject, Sealer, etag};
pub use generation::{Generations, Moved};
pub use holds::Holds;
pub use key::{Hash, Key, Question, is_public};
pub use memory::{Memory, Weighed};
pub use parts::{Part, Parts};
pub use redis::{AddressError, Calls, Remote};
pub use tag::Seen;
