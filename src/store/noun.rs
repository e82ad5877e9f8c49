//! Nouns as data: each declares once its columns, its edges, and what of it the public sees. The driver does the rest.

use super::sql::Type;
use super::wall::Wall;
use crate::domain::id::Kind;

/// A sort of object that the store keeps.
#[derive(Debug)]
pub struct Noun {
    /// Name of the type, as in the schema.
    pub name: &'static str,
    /// Kind of its identifiers; `None` for objects that have none of their own.
    pub kind: Option<Kind>,
    /// Its table, called `t` in every statement.
    pub table: &'static str,
    /// Columns that can be read.
    pub columns: &'static [Column],
    /// What can be selected, under the names of the schema in snake case.
    pub fields: &'static [Field],
    /// What the public sees.
    pub public: Public,
    /// Who sees more.
    pub wall: Wall,
    /// How it is listed in pages; `None` for nouns that never are.
    pub list: Option<&'static List>,
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Name in the database.
    pub name: &'static str,
    /// Its type.
    pub of: Type,
    /// The expression over `t` that it is, where it is no column of the table; `{tenant}` in it is the tenant whose rows are reached.
    pub made: Option<&'static str>,
}

/// Shortens the declarations of columns.
#[must_use]
pub const fn column(name: &'static str, of: Type) -> Column {
    Column { name, of, made: None }
}

/// Shortens the declarations of the column that says whether the public sees a row of a noun that has no status of its own.
#[must_use]
pub const fn shown(condition: &'static str) -> Column {
    Column { name: IS_SHOWN, of: Type::Boolean, made: Some(condition) }
}

/// Name of that column.
pub const IS_SHOWN: &str = "is_shown";

/// Conditions on `t` under which the public sees a row. Empty text: always.
#[derive(Debug)]
pub struct Public {
    /// In lists.
    pub listed: &'static str,
    /// By its identifier, through a link that cannot be null, and in lists of what changed since a moment.
    pub named: &'static str,
}

/// Everyone sees every row.
pub const OPEN: Public = Public { listed: "", named: "" };
/// Drafts are hidden; what is retired is found by its identifier.
pub const CATALOG: Public = Public { listed: "t.status = 'PUBLISHED'", named: "t.status <> 'DRAFT'" };

/// Something that can be selected of an object.
#[derive(Debug)]
pub struct Field {
    /// Name of the schema in snake case.
    pub name: &'static str,
    /// Where it comes from.
    pub data: Data,
}

/// Where a field comes from.
#[derive(Debug)]
pub enum Data {
    /// Columns of the row itself.
    Columns(&'static [&'static str]),
    /// Other rows.
    Edge(&'static Edge),
}

/// Shortens the declarations of fields that are one column of the same name.
#[must_use]
pub const fn plain(columns: &'static [&'static str]) -> Field {
    Field { name: columns[0], data: Data::Columns(columns) }
}

/// Shortens the declarations of fields that are made of columns with other names.
#[must_use]
pub const fn made(name: &'static str, columns: &'static [&'static str]) -> Field {
    Field { name, data: Data::Columns(columns) }
}

/// Shortens the declarations of edges.
#[must_use]
pub const fn edge(name: &'static str, edge: &'static Edge) -> Field {
    Field { name, data: Data::Edge(edge) }
}

/// A way from the rows of one noun to rows of others.
#[derive(Debug)]
pub enum Edge {
    /// At most one row: that whose column equals a column of the parent.
    One {
        /// Column of the parent.
        column: &'static str,
        /// Where it points.
        target: &'static Noun,
        /// Column of the target that it equals.
        key: &'static str,
        /// Whether a row that is found by its identifier only is shown here too.
        named: bool,
        /// Whether it is never null in the schema: a parent that leads nowhere has vanished with what it led to.
        always: bool,
    },
    /// One row out of several nouns: that of the first column of the parent which is not null.
    Either {
        /// Column of the parent and where it points.
        branches: &'static [(&'static str, &'static Noun)],
        /// Whether a row that is found by its identifier only is shown here too.
        named: bool,
        /// Whether it is never null in the schema: a parent that leads nowhere has vanished with what it led to.
        always: bool,
    },
    /// A plain list.
    Many {
        /// Where it points.
        target: &'static Noun,
        /// Column of the parent that `on` knows as `p.id`.
        column: &'static str,
        /// Tables, the target among them as `t`.
        from: &'static str,
        /// Condition that ties them to `p.id`.
        on: &'static str,
        /// Order, and what it is made of.
        order: &'static [Order],
        /// Most items for one parent, as the schema says.
        limit: u32,
    },
    /// A page of a list that can grow.
    Page {
        /// Where it points.
        target: &'static Noun,
        /// Column of the parent that `on` knows as `p.id`.
        column: &'static str,
        /// Condition that ties `t` to `p.id`.
        on: &'static str,
        /// Whether only the rows of the tenant that the scope reaches are listed, though each may be seen by its name.
        private: bool,
    },
}

/// A part of an order.
#[derive(Debug)]
pub struct Order {
    /// The expression.
    pub by: &'static str,
    /// Its type.
    pub of: Type,
}

/// Shortens the declarations of orders.
#[must_use]
pub const fn by(by: &'static str, of: Type) -> Order {
    Order { by, of }
}

/// How a noun is listed in pages.
#[derive(Debug)]
pub struct List {
    /// Its orders; the first is the default.
    pub sorts: &'static [Sort],
    /// Its full-text tables, by the beginning of their names; `None` when it cannot be searched.
    pub search: Option<&'static str>,
}

/// An order of a list. Ties are broken by identifier in the same direction.
#[derive(Debug)]
pub struct Sort {
    /// Name of the schema.
    pub name: &'static str,
    /// What is compared before the identifier.
    pub by: Order,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Noun {
    /// The column of that name. The declarations are checked by a test.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Edge {
    /// Whether it leads somewhere from every parent that is there.
    #[must_use]
    pub const fn is_always(&self) -> bool {
        matches!(self, Self::One { always: true, .. } | Self::Either { always: true, .. })
    }

    /// Whether only rows of the reached tenant are listed.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        matches!(self, Self::Page { private: true, .. })
    }

    /// The nouns that it can lead to.
    pub fn targets(&self) -> impl Iterator<Item = &'static Noun> {
        let (one, several): (Option<&'static Noun>, &'static [(&'static str, &'static Noun)]) = match self {
            Self::One { target, .. } | Self::Many { target, .. } | Self::Page { target, .. } => (Some(target), &[]),
            Self::Either { branches, .. } => (None, branches),
        };
        one.into_iter().chain(several.iter().map(|(_, noun)| *noun))
    }

    /// The columns of the parent that lead there.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        let (one, several): (Option<&'static str>, &'static [(&'static str, &'static Noun)]) = match self {
            Self::One { column, .. } | Self::Many { column, .. } | Self::Page { column, .. } => (Some(column), &[]),
            Self::Either { branches, .. } => (None, branches),
        };
        one.into_iter().chain(several.iter().map(|(column, _)| *column))
    }
}
