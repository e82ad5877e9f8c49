//! Full-text search: one analyzer for both databases, the words kept beside each noun, and the condition that finds them.

mod analyzer;
mod document;

pub use analyzer::Words;
pub use document::{Noun, refresh};

use super::sql::{Dialect, Sql};

/// Statements that bring together the pieces in which `SQLite` has written the words: each search looks into every piece.
pub(super) fn merge() -> String {
    let one = |noun: &Noun| format!("INSERT INTO {0}_words ({0}_words) VALUES ('optimize'); ", noun.name());
    Noun::ALL.iter().map(one).collect()
}

/// The rows of a table as `t`, those with the words: `f.score` ranks, smallest first. Stands behind FROM; what is added to it is AND-able.
///
/// The four weights are those of titles, of names that stand beside, of summaries and of descriptions. BM25 levels off with the weighted number of
/// matches and gives words of most rows a millionth: the weights of `SQLite` lie so far apart, and its score is kept so finely, that one match in a
/// title still outranks many in a description.
///
/// `alone` says that no other list stands before it: looked up from rows, the words would be searched once for each of them, so that `SQLite` is told the order.
pub(super) fn from(sql: &mut Sql, table: &str, noun: &str, words: &Words, alone: bool) {
    match sql.dialect() {
        Dialect::Postgres => {
            sql.push(table)
                .push(" t JOIN (SELECT object_id, -CAST(1000000 * ts_rank('{0.05, 0.2, 0.4, 1}', words, q) AS bigint) AS score FROM ")
                .push(noun)
                .push("_search, CAST(")
                .text(&words.tsquery())
                .push(" AS tsquery) q WHERE words @@ q) f ON f.object_id = t.id");
        }
        Dialect::Sqlite => {
            let index = format!("{noun}_words");
            sql.push("(SELECT rowid AS number, CAST(1000000000000 * bm25(").push(&index);
            sql.push(", 1000, 100, 10, 1) AS integer) AS score FROM ").push(&index).push(" WHERE ").push(&index).push(" MATCH ");
            let join = if alone { " CROSS JOIN " } else { " JOIN " };
            sql.text(&words.fts5()).push(") f").push(join).push(noun).push("_search s ON s.number = f.number").push(join);
            sql.push(table).push(" t ON t.id = s.object_id");
        }
    }
}
