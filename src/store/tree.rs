//! What a caller wants to read: a tree of columns and edges, free of any protocol.

use super::filter::Filter;
use super::noun::{Column, Edge, Noun};
use super::row::Cell;
use super::search::Words;
use super::wall::Wall;

/// What is wanted of the rows of one noun.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The noun.
    pub noun: &'static Noun,
    /// Columns to read, each once.
    pub columns: Vec<&'static Column>,
    /// Edges to follow.
    pub edges: Vec<Wanted>,
}

/// An edge that is wanted, under the name that its answer will have.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Response key: two wishes for the same edge under different keys are two edges.
    pub key: String,
    /// The edge.
    pub edge: &'static Edge,
    /// What is wanted of the rows that it leads to, one tree for each noun.
    pub trees: Vec<Tree>,
    /// What page is wanted; for edges that are pages.
    pub page: Option<PageWish>,
}

/// Which page of a list is wanted, and what of it.
#[derive(Debug, Clone)]
pub struct PageWish {
    /// Words that the items must hold.
    pub search: Option<Words>,
    /// Conditions that the items must meet.
    pub filter: Filter,
    /// How they are ordered.
    pub order: PageOrder,
    /// Most items, 1 to 100.
    pub first: u32,
    /// Position of the last item of the page before.
    pub after: Option<Vec<Cell>>,
    /// Whether items are wanted, or only their number.
    pub items: bool,
    /// Whether the number of items in all pages is wanted.
    pub count: bool,
    /// What the cursors of the list are bound to.
    pub binding: u64,
}

/// The order of a page.
#[derive(Debug, Clone, Copy)]
pub enum PageOrder {
    /// One of the list's sorts.
    Sort(&'static super::noun::Sort),
    /// Best match of the search words first.
    Relevance,
}

impl Tree {
    /// A tree that wants nothing yet.
    #[must_use]
    pub const fn new(noun: &'static Noun) -> Self {
        Self { noun, columns: Vec::new(), edges: Vec::new() }
    }

    /// Wants a column, once.
    pub fn want(&mut self, name: &str) {
        if let Some(column) = self.noun.column(name)
            && !self.columns.iter().any(|known| known.name == name)
        {
            self.columns.push(column);
        }
    }

    /// Whether nothing is wanted that hangs on whose private rows the scope reaches: a list of it is the same for everyone.
    #[must_use]
    pub fn is_for_anyone(&self) -> bool {
        let is_open = matches!(self.noun.wall, Wall::Open | Wall::Catalog { .. } | Wall::Reserved);
        is_open && self.edges.iter().all(|wanted| !wanted.edge.is_private() && wanted.trees.iter().all(Self::is_for_anyone))
    }
}
