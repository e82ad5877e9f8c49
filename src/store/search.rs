//! Full-text search: one analyzer for both databases, the words kept beside each noun, and the condition that finds them.

mod analyzer;
mod document;

pub use analyzer::Words;
pub use document::{Noun, refresh};

use super::sql::{Dialect, Sql};

/// Joins the words of a noun to `t`: `f.score` ranks, smallest first. Ends inside of an AND-able condition list's FROM part.
///
/// The four weights are those of titles, of names that stand beside, of summaries and of descriptions. BM25 levels off with the weighted number of
/// matches and gives words of most rows a millionth: the weights of `SQLite` lie so far apart, and its score is kept so finely, that one match in a
/// title still outranks many in a description.
pub(super) fn join(sql: &mut Sql, noun: &str, words: &Words) {
    match sql.dialect() {
        Dialect::Postgres => {
            sql.push(" JOIN (SELECT object_id, -CAST(1000000 * ts_rank('{0.05, 0.2, 0.4, 1}', words, q) AS bigint) AS score FROM ")
                .push(noun)
                .push("_search, CAST(")
                .text(&words.tsquery())
                .push(" AS tsquery) q WHERE words @@ q) f ON f.object_id = t.id");
        }
        Dialect::Sqlite => {
            let table = format!("{noun}_words");
            sql.push(" JOIN ").push(noun).push("_search s ON s.object_id = t.id JOIN (SELECT rowid AS number, CAST(1000000000000 * bm25(");
            sql.push(&table)
                .push(", 1000, 100, 10, 1) AS integer) AS score FROM ")
                .push(&table)
                .push(" WHERE ")
                .push(&table)
                .push(" MATCH ");
            sql.text(&words.fts5()).push(") f ON f.number = s.number");
        }
    }
}
