//! Pages of lists: of a whole noun, or of what hangs on each of many rows. Keyset order only, so that the hundred-thousandth page costs what the first does.

use std::sync::Arc;

use super::ask::Ask;
use super::driver::{Set, fill};
use super::error::StoreError;
use super::noun::Noun;
use super::row::{Cell, Page, Row};
use super::search;
use super::sql::{Connection, Dialect, Sql, Type};
use super::tree::{PageOrder, PageWish, Tree};
use super::wall::{and_own, and_visible};

/// Items are counted up to this; one more stands for "more".
pub const COUNT_LIMIT: i64 = 10_000;
/// By relevance, this many of the best matches can be paged through.
pub const RELEVANCE_LIMIT: i64 = 1_000;

/// The list that pages are taken of.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub tree: &'a Tree,
    pub wish: &'a PageWish,
    /// Whether only rows of the reached tenant are listed.
    pub private: bool,
}

/// The condition of a list that hangs on nothing.
const ALONE: &str = "TRUE";

impl Source<'_> {
    const fn noun(&self) -> &'static Noun {
        self.tree.noun
    }

    /// Whether the words can match nothing at all, which no statement needs to find out.
    fn is_hopeless(&self) -> bool {
        self.wish.search.as_ref().is_some_and(search::Words::is_empty)
    }

    /// What is compared, the identifier last.
    fn orders(&self) -> [&'static str; 2] {
        match self.wish.order {
            PageOrder::Sort(sort) => [sort.by.by, "t.id"],
            PageOrder::Relevance => ["f.score", "t.id"],
        }
    }

    /// Types of what is compared.
    const fn order_types(&self) -> [Type; 2] {
        match self.wish.order {
            PageOrder::Sort(sort) => [sort.by.of, Type::Uuid],
            PageOrder::Relevance => [Type::Long, Type::Uuid],
        }
    }

    const fn is_descending(&self) -> bool {
        match self.wish.order {
            PageOrder::Sort(sort) => sort.descending,
            PageOrder::Relevance => false,
        }
    }

    /// Adds the tables and the conditions, all but the position.
    fn from(&self, sql: &mut Sql, ask: &Ask<'_>, on: &str) {
        match (&self.wish.search, self.noun().list.and_then(|list| list.search)) {
            (Some(words), Some(noun)) => search::from(sql, self.noun().table, noun, words, on == ALONE),
            _ => {
                sql.push(self.noun().table).push(" t");
            }
        }
        sql.push(" WHERE ").push(on);
        and_visible(sql, ask, self.noun(), self.wish.filter.is_delta());
        if self.private {
            and_own(sql, ask.scope);
        }
        self.wish.filter.write(sql, ask, self.noun());
    }

    /// Adds the condition that an item stands behind the position of the wish.
    fn and_after(&self, sql: &mut Sql, names: [&str; 2]) {
        let Some(after) = &self.wish.after else { return };
        let comparison = if self.is_descending() { " < (" } else { " > (" };
        sql.push(" AND (").push(names[0]).push(", ").push(names[1]).push(")").push(comparison);
        for (place, (of, value)) in self.order_types().into_iter().zip(after).enumerate() {
            sql.push(if place == 0 { "" } else { ", " }).bind(of, value.clone());
        }
        sql.push(")");
    }

    fn page(&self, items: Vec<(Vec<Cell>, Arc<Row>)>, has_next: bool, total: Option<i64>, parent: Option<Cell>) -> Page {
        let PageWish { after, binding, .. } = self.wish;
        let after_of = after.as_ref().and_then(|after| after.get(self.orders().len()).cloned());
        Page { items, has_next, has_previous: after.is_some(), total, binding: *binding, parent, after_of }
    }
}

/// A page of all rows of a noun that the scope lets through.
pub(super) async fn of_noun(connection: &mut Connection<'_>, ask: &Ask<'_>, source: Source<'_>) -> Result<Page, StoreError> {
    let mut rows = Vec::new();
    let mut positions = Vec::new();
    let set = Set::new(source.tree);
    if source.wish.items && !source.is_hopeless() {
        let sql = whole_statement(connection.dialect(), ask, source, &set);
        ask.saw_list(source.noun(), &sql, Some(source.wish));
        let types: Vec<Type> = source.order_types().into_iter().chain(set.types()).collect();
        for mut cells in connection.fetch(sql, &types).await? {
            rows.push(cells.split_off(2));
            positions.push(cells);
        }
    }
    let total = match (source.wish.count, source.is_hopeless()) {
        (false, _) => None,
        (true, true) => Some(0),
        (true, false) => Some(count(connection, ask, source).await?),
    };
    // The one row more than asked for only tells that there is a next page.
    let rows_filled = fill(connection, ask, &set, keep(rows, source.wish.first)).await?;
    let has_next = positions.len() > rows_filled.len();
    let items = positions.into_iter().zip(rows_filled).filter_map(|(position, row)| Some((position, row?))).collect();
    Ok(source.page(items, has_next, total, None))
}

fn keep<T>(mut items: Vec<T>, first: u32) -> Vec<T> {
    items.truncate(first as usize);
    items
}

/// `o0` and `o1` are the position, then come the columns.
fn whole_statement(dialect: Dialect, ask: &Ask<'_>, source: Source<'_>, set: &Set<'_>) -> Sql {
    let [first, second] = source.orders();
    let direction = if source.is_descending() { " DESC" } else { "" };
    let mut sql = Sql::new(dialect);
    if matches!(source.wish.order, PageOrder::Relevance) {
        // The best matches are found without their columns, and only then paged through.
        sql.push("SELECT h.o0, h.o1");
        set.select(&mut sql, ask, "t");
        sql.push(" FROM (SELECT f.score AS o0, t.id AS o1 FROM ");
        source.from(&mut sql, ask, ALONE);
        sql.push(&format!(" ORDER BY 1, 2 LIMIT {RELEVANCE_LIMIT}) h JOIN "));
        sql.push(source.noun().table).push(" t ON t.id = h.o1 WHERE TRUE");
        source.and_after(&mut sql, ["h.o0", "h.o1"]);
    } else {
        sql.push("SELECT ").push(first).push(", ").push(second);
        set.select(&mut sql, ask, "t");
        sql.push(" FROM ");
        source.from(&mut sql, ask, ALONE);
        source.and_after(&mut sql, [first, second]);
    }
    sql.push(" ORDER BY 1").push(direction).push(", 2").push(direction).push(" LIMIT ");
    sql.bind(Type::Long, Cell::Integer(i64::from(source.wish.first) + 1));
    sql
}

/// How many items all pages have, up to the limit and one more.
async fn count(connection: &mut Connection<'_>, ask: &Ask<'_>, source: Source<'_>) -> Result<i64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT count(*) FROM (SELECT 1 FROM ");
    source.from(&mut sql, ask, ALONE);
    sql.push(&format!(" LIMIT {}) counted", COUNT_LIMIT + 1));
    ask.saw_list(source.noun(), &sql, Some(source.wish));
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    Ok(rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default())
}

/// A page for each of many parents, in one statement, and one more for the counts.
pub(super) async fn of_parents(
    connection: &mut Connection<'_>,
    ask: &Ask<'_>,
    source: Source<'_>,
    on: &str,
    parents: Vec<Cell>,
) -> Result<Vec<Page>, StoreError> {
    let number = parents.len();
    let mut pages: Vec<Vec<(Vec<Cell>, Arc<Row>)>> = (0..number).map(|_| Vec::new()).collect();
    let mut more = vec![false; number];
    let mut totals = vec![source.wish.count.then_some(0); number];
    let set = Set::new(source.tree);
    let orders = source.orders();
    let list = Nested { set: &set, ask, orders: &orders, descending: source.is_descending(), parents: parents.clone() };
    if source.wish.items && !source.is_hopeless() && number > 0 {
        let from = |sql: &mut Sql| {
            source.from(sql, ask, on);
            source.and_after(sql, orders);
        };
        let limit = i64::from(source.wish.first) + 1;
        let sql = match (connection.dialect(), source.wish.order) {
            (Dialect::Sqlite, PageOrder::Sort(_)) => list.picked(source.noun().table, limit, from),
            (dialect, _) => list.statement(dialect, limit, from),
        };
        ask.saw_list(source.noun(), &sql, Some(source.wish));
        let types: Vec<Type> = std::iter::once(Type::Long).chain(source.order_types()).chain(set.types()).collect();
        let mut counts = vec![0_u32; number];
        let mut owners = Vec::new();
        let mut rows = Vec::new();
        for mut cells in connection.fetch(sql, &types).await? {
            let columns = cells.split_off(3);
            let owner = Nested::owner(&cells[0], connection.dialect());
            if owner >= number {
                continue;
            }
            counts[owner] += 1;
            if counts[owner] > source.wish.first {
                more[owner] = true;
                continue;
            }
            cells.remove(0);
            owners.push((owner, cells));
            rows.push(columns);
        }
        for ((owner, position), row) in owners.into_iter().zip(fill(connection, ask, &set, rows).await?) {
            pages[owner].extend(row.map(|row| (position, row)));
        }
    }
    if source.wish.count && !source.is_hopeless() && number > 0 {
        let sql = list.counts(connection.dialect(), |sql| source.from(sql, ask, on));
        ask.saw_list(source.noun(), &sql, Some(source.wish));
        for cells in connection.fetch(sql, &[Type::Long, Type::Long]).await? {
            let owner = Nested::owner(&cells[0], connection.dialect());
            if let (Some(total), Some(count)) = (totals.get_mut(owner), cells[1].integer()) {
                *total = Some(count);
            }
        }
    }
    let pages = pages.into_iter().zip(more).zip(totals).zip(parents);
    Ok(pages.map(|(((items, has_next), total), parent)| source.page(items, has_next, total, Some(parent))).collect())
}

/// What hangs on each of a set of parents: the first so many for each, in order.
pub(super) struct Nested<'a> {
    pub set: &'a Set<'a>,
    pub ask: &'a Ask<'a>,
    pub orders: &'a [&'a str],
    pub descending: bool,
    pub parents: Vec<Cell>,
}

impl Nested<'_> {
    /// `ord` of the parent, the position, then the columns. A lateral join reads no more rows of a parent than wanted; `SQLite` has none and numbers them instead.
    pub(super) fn statement(&self, dialect: Dialect, limit: i64, from: impl FnOnce(&mut Sql)) -> Sql {
        let direction = if self.descending { " DESC" } else { "" };
        let ordered = |sql: &mut Sql, names: &mut dyn Iterator<Item = String>| {
            for (place, name) in names.enumerate() {
                sql.push(if place == 0 { "" } else { ", " }).push(&name).push(direction);
            }
        };
        let mut sql = Sql::new(dialect);
        let aliases = || (0..self.orders.len()).map(|place| format!("o{place}"));
        let outer = |sql: &mut Sql, table: &str| {
            sql.push("SELECT ").push(if table == "n" { "n.ord" } else { "p.ord" });
            for alias in aliases() {
                sql.push(", ").push(table).push(".").push(&alias);
            }
            self.set.select(sql, self.ask, table);
        };
        let inner = |sql: &mut Sql| {
            for (place, order) in self.orders.iter().enumerate() {
                sql.push(if place == 0 { "" } else { ", " }).push(order).push(&format!(" AS o{place}"));
            }
            self.set.select(sql, self.ask, "t");
        };
        match dialect {
            Dialect::Postgres => {
                outer(&mut sql, "n");
                // `ord` is taken along so that both forms read the same.
                sql.push(" FROM (SELECT p.ord, l.* FROM ");
                sql.list("p", self.key_type(), self.parents.clone()).push(" CROSS JOIN LATERAL (SELECT ");
                inner(&mut sql);
                sql.push(" FROM ");
                from(&mut sql);
                sql.push(" ORDER BY ");
                ordered(&mut sql, &mut aliases());
                sql.push(" LIMIT ").bind(Type::Long, Cell::Integer(limit)).push(") l) n ORDER BY n.ord, ");
                ordered(&mut sql, &mut aliases().map(|alias| format!("n.{alias}")));
            }
            Dialect::Sqlite => {
                outer(&mut sql, "n");
                sql.push(" FROM (SELECT p.ord, row_number() OVER (PARTITION BY p.ord ORDER BY ");
                ordered(&mut sql, &mut self.orders.iter().map(|order| (*order).to_owned()));
                sql.push(") AS place, ");
                inner(&mut sql);
                sql.push(" FROM ").list("p", self.key_type(), self.parents.clone()).push(" CROSS JOIN ");
                from(&mut sql);
                sql.push(") n WHERE n.place <= ").bind(Type::Long, Cell::Integer(limit)).push(" ORDER BY n.ord, n.place");
            }
        }
        sql
    }

    /// As [`Self::statement`] for `SQLite`, when the order is that of an index of the table: the rows of a page are picked by themselves, so that those behind it
    /// are never read, which numbering would.
    fn picked(&self, table: &str, limit: i64, from: impl FnOnce(&mut Sql)) -> Sql {
        let direction = if self.descending { " DESC" } else { "" };
        let mut sql = Sql::new(Dialect::Sqlite);
        let by = |sql: &mut Sql| {
            for (place, order) in self.orders.iter().enumerate() {
                sql.push(if place == 0 { "" } else { ", " }).push(order).push(direction);
            }
        };
        sql.push("SELECT p.ord");
        for order in self.orders {
            sql.push(", ").push(order);
        }
        self.set.select(&mut sql, self.ask, "t");
        sql.push(" FROM ").list("p", self.key_type(), self.parents.clone());
        sql.push(" CROSS JOIN ").push(table).push(" t ON t.rowid IN (SELECT t.rowid FROM ");
        from(&mut sql);
        sql.push(" ORDER BY ");
        by(&mut sql);
        sql.push(" LIMIT ").bind(Type::Long, Cell::Integer(limit)).push(") ORDER BY p.ord, ");
        by(&mut sql);
        sql
    }

    /// `ord` of the parent and the number of its items, up to the limit and one more.
    fn counts(&self, dialect: Dialect, from: impl FnOnce(&mut Sql)) -> Sql {
        let mut sql = Sql::new(dialect);
        sql.push("SELECT p.ord, (SELECT count(*) FROM (SELECT 1 FROM ");
        from(&mut sql);
        sql.push(&format!(" LIMIT {}) counted) FROM ", COUNT_LIMIT + 1)).list("p", self.key_type(), self.parents.clone());
        sql
    }

    fn key_type(&self) -> Type {
        if self.parents.iter().any(|parent| matches!(parent, Cell::Text(_))) { Type::Text } else { Type::Uuid }
    }

    /// The place of the parent among those given.
    pub(super) fn owner(ord: &Cell, dialect: Dialect) -> usize {
        let from = i64::from(dialect == Dialect::Postgres);
        ord.integer().map_or(usize::MAX, |ord| usize::try_from(ord - from).unwrap_or(usize::MAX))
    }
}
