//! Pages and objects that are read again and again as anyone sees them, kept as they were read. Which statements a read consists of hangs on its scope, on what is wanted and on the
//! day, and on nothing else: that is the key.

use std::fmt::Write;
use std::sync::Arc;

use uuid::Uuid;

use super::Store;
use super::lookup::Lookup;
use super::row::{Cell, Link, Page, Row};
use super::session::Session;
use super::tree::{PageWish, Tree, Wanted};
use crate::cache::{Key, Parts, Seen};
use crate::policy::Scope;

/// Bytes that a row, a page or a cell takes beside the texts in it.
const PIECE: usize = 64;

/// What one read of a request came to.
#[derive(Debug, Clone)]
pub enum Part {
    /// A page.
    Page(Arc<Page>),
    /// One object, or none.
    One(Option<Arc<Row>>),
    /// A small list.
    All(Vec<Arc<Row>>),
    /// Objects by their keys.
    Each(Vec<Option<Arc<Row>>>),
}

/// What is asked of the root of a read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wish<'a> {
    /// A page.
    Page(&'a PageWish),
    /// One object.
    One(&'a Lookup),
    /// All that meet a condition.
    All(&'a str),
    /// Objects by their keys.
    Each(&'a [Uuid]),
}

/// Where a part is kept, or is to be.
pub(super) struct Place<'s> {
    session: &'s Session,
    parts: &'s Parts<Part>,
    key: Key,
    /// What this node knew before anything was read.
    version: u64,
    seen: Seen,
}

impl<'s> Place<'s> {
    /// The place of what is wanted; `None` where it is not for everyone, or nothing is kept.
    pub(super) fn of(session: &'s Session, store: &'s Store, scope: &Scope, tree: &Tree, wish: Wish<'_>) -> Option<Self> {
        let parts = store.parts.as_deref()?;
        let key = Key::of_part(scope, || text(tree, wish), store.clock.today())?;
        Some(Self { session, parts, key, version: parts.version(), seen: Seen::default() })
    }

    /// Where the reads note what they see.
    pub(super) const fn seen(&self) -> &Seen {
        &self.seen
    }

    /// What is kept there. The answer hangs on it as if it had been read.
    pub(super) fn find(&self) -> Option<Part> {
        let part = self.parts.find(&self.key)?;
        self.session.note(Some(part.holds.tags.iter().map(|(tag, _)| tag.clone()).collect()));
        Some(part.value.clone())
    }

    /// Keeps what was read there.
    pub(super) async fn keep(self, store: &Store, part: Part) {
        let tags = self.seen.tags();
        self.session.note(tags.clone());
        let pause = store.faults().before_fill();
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        if let Some(tags) = tags {
            let bytes = weight(&part);
            self.parts.keep(self.key, self.version, part, bytes, tags);
        }
    }
}

/// What is wanted, letter by letter. Names of columns and response keys hold no marks; what clients give stands in quotes.
fn text(tree: &Tree, wish: Wish<'_>) -> String {
    let mut text = String::with_capacity(512);
    match wish {
        Wish::Page(wish) => write_wish(&mut text, wish),
        Wish::One(lookup) => _ = write!(text, "{lookup:?}"),
        Wish::All(condition) => _ = write!(text, "{condition:?}"),
        Wish::Each(ids) => _ = write!(text, "{ids:?}"),
    }
    write_tree(&mut text, tree);
    text
}

fn write_tree(text: &mut String, tree: &Tree) {
    _ = write!(text, "{}(", tree.noun.name);
    for column in &tree.columns {
        _ = write!(text, "{} ", column.name);
    }
    for Wanted { key, edge, trees, page } in &tree.edges {
        // Edges are declared once and stay where they are.
        _ = write!(text, "{key}:{:p}", *edge);
        if let Some(wish) = page {
            write_wish(text, wish);
        }
        for tree in trees {
            write_tree(text, tree);
        }
        text.push(' ');
    }
    text.push(')');
}

fn write_wish(text: &mut String, wish: &PageWish) {
    let PageWish { search, filter, order, first, after, items, count, binding } = wish;
    let sort = match order {
        super::tree::PageOrder::Sort(sort) => sort.name,
        super::tree::PageOrder::Relevance => "?",
    };
    _ = write!(text, "[{search:?} {filter:?} {sort} {first} {after:?} {items} {count} {binding}]");
}

/// About how many bytes a part takes.
fn weight(part: &Part) -> usize {
    match part {
        Part::Page(page) => of_page(page),
        Part::One(row) => of_rows(row),
        Part::All(rows) => of_rows(rows),
        Part::Each(rows) => of_rows(rows.iter().flatten()),
    }
}

fn of_rows<'a>(rows: impl IntoIterator<Item = &'a Arc<Row>>) -> usize {
    rows.into_iter().map(|row| PIECE + row.cells.iter().map(of_cell).sum::<usize>() + row.links.iter().map(of_link).sum::<usize>()).sum()
}

/// What several rows lead to is counted with each of them.
fn of_link(link: &Link) -> usize {
    PIECE
        + match link {
            Link::One(row) => of_rows(row),
            Link::Many(rows) => of_rows(rows),
            Link::Page(page) => of_page(page),
        }
}

fn of_page(page: &Page) -> usize {
    let positions: usize = page.items.iter().flat_map(|(position, _)| position).map(of_cell).sum();
    PIECE + positions + of_rows(page.items.iter().map(|(_, row)| row))
}

fn of_cell(cell: &Cell) -> usize {
    size_of::<Cell>() + cell.text().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::course;
    use crate::store::filter::Filter;
    use crate::store::tree::PageOrder;

    fn wish() -> PageWish {
        let sorts = course::COURSE.list.map(|list| list.sorts).unwrap_or_default();
        PageWish {
            search: None,
            filter: Filter::None,
            order: PageOrder::Sort(&sorts[0]),
            first: 20,
            after: None,
            items: true,
            count: false,
            binding: 1,
        }
    }

    /// Reads that differ in anything at all are kept in places of their own.
    #[test]
    fn texts_differ_with_everything() {
        let mut tree = Tree::new(&course::COURSE);
        let bare = text(&tree, Wish::Page(&wish()));
        tree.want("title");
        let more = PageWish { first: 21, ..wish() };
        let counted = PageWish { count: true, ..wish() };
        let after = PageWish { after: Some(vec![Cell::Text("a".into())]), ..wish() };
        let other = PageWish { after: Some(vec![Cell::Text("a\" \"b".into())]), ..wish() };
        let relevant = PageWish { order: PageOrder::Relevance, ..wish() };
        let wishes = [wish(), more, counted, after, other, relevant];
        let mut texts: std::collections::HashSet<String> = wishes.iter().map(|wish| text(&tree, Wish::Page(wish))).collect();
        texts.insert(bare);
        texts.insert(text(&tree, Wish::One(&Lookup::Id(Uuid::nil()))));
        texts.insert(text(&tree, Wish::One(&Lookup::Slug("x".to_owned()))));
        texts.insert(text(&tree, Wish::Each(&[Uuid::nil()])));
        texts.insert(text(&tree, Wish::All("TRUE")));
        assert_eq!(texts.len(), wishes.len() + 5);
    }
}
