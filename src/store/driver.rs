//! The one reader: fills a set of rows with everything that a tree wants, level by level, one statement an edge for the whole set.

use std::collections::HashMap;
use std::sync::Arc;

use super::ask::Ask;
use super::error::StoreError;
use super::noun::{Edge, Noun, Order};
use super::page::{self, Source};
use super::row::{Cell, Link, Row, Shape};
use super::sql::{Connection, Sql, Type};
use super::tags;
use super::tree::{Tree, Wanted};
use super::wall::{self, and_visible};

/// Rows of one noun with the tree that they are to be filled by.
pub(super) struct Set<'a> {
    pub tree: &'a Tree,
    pub columns: Vec<&'static super::noun::Column>,
}

impl<'a> Set<'a> {
    /// What has to be read of the noun's table: the columns wanted, and those that the edges start from.
    pub(super) fn new(tree: &'a Tree) -> Self {
        let mut whole = Tree { noun: tree.noun, columns: tree.columns.clone(), edges: Vec::new() };
        for wanted in &tree.edges {
            for column in wanted.edge.columns() {
                whole.want(column);
            }
        }
        for column in wall::columns(tree.noun) {
            whole.want(column);
        }
        if tags::has_seats(tree.noun, whole.columns.iter().map(|column| column.name)) {
            whole.want("id");
        }
        Self { tree, columns: whole.columns }
    }

    /// Adds the columns, as a list behind what stands there already.
    pub(super) fn select(&self, sql: &mut Sql, ask: &Ask<'_>, table: &str) {
        for column in &self.columns {
            sql.push(", ");
            match column.made {
                // Outside of a subquery it is a column like any other.
                Some(made) if table == "t" => {
                    ask.expression(sql, made);
                    sql.push(" AS ").push(column.name);
                }
                _ => _ = sql.push(table).push(".").push(column.name),
            }
        }
    }

    /// Types of the columns, in order.
    pub(super) fn types(&self) -> impl Iterator<Item = Type> + '_ {
        self.columns.iter().map(|column| column.of)
    }
}

/// Turns cells into rows and follows the edges of the tree from all of them at once; as many as were given, in their order.
///
/// The statements of one read see what others commit between them. A row whose edge is never null, but led nowhere, was hidden or lost what it hangs on meanwhile: it is `None`,
/// as if it had been hidden when it was read.
pub(super) async fn fill(
    connection: &mut Connection<'_>,
    ask: &Ask<'_>,
    set: &Set<'_>,
    rows: Vec<Vec<Cell>>,
) -> Result<Vec<Option<Arc<Row>>>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let keys = set.tree.edges.iter().map(|wanted| wanted.key.clone()).collect();
    let shape = Arc::new(Shape { noun: set.tree.noun, columns: set.columns.clone(), keys });
    let mut rows: Vec<Row> = rows.into_iter().map(|cells| Row { shape: Arc::clone(&shape), cells, links: Vec::new() }).collect();
    if ask.seen.is_some() && tags::has_seats(set.tree.noun, set.columns.iter().map(|column| column.name)) {
        ask.saw_seats(rows.iter().map(|row| row.uuid("id").ok().flatten()));
    }
    if !ask.faults.has_no_check() && !ask.faults.is_hole(set.tree.noun.name) {
        let taught = wall::taught(connection, ask, &rows).await?;
        if rows.iter().any(|row| !wall::admits(ask, row, &taught)) {
            return Err(ask.breach(set.tree.noun));
        }
    }
    let mut is_gone = vec![false; rows.len()];
    for wanted in &set.tree.edges {
        let links = Box::pin(follow(connection, ask, wanted, &rows)).await?;
        for ((row, link), is_gone) in rows.iter_mut().zip(links).zip(&mut is_gone) {
            *is_gone |= wanted.edge.is_always() && matches!(link, Link::One(None));
            row.links.push(link);
        }
    }
    Ok(rows.into_iter().zip(is_gone).map(|(row, is_gone)| (!is_gone).then(|| Arc::new(row))).collect())
}

/// What hangs on each of the rows by one edge.
async fn follow(connection: &mut Connection<'_>, ask: &Ask<'_>, wanted: &Wanted, rows: &[Row]) -> Result<Vec<Link>, StoreError> {
    match wanted.edge {
        Edge::One { column, key, named, .. } => {
            let keys = cells(rows, column)?;
            let found = by_key(connection, ask, tree(wanted, 0)?, key, *named, &keys).await?;
            Ok(keys.iter().map(|key| Link::One(found.get(&Key::of(key)).cloned())).collect())
        }
        Edge::Either { branches, named, .. } => {
            let mut links = vec![Link::One(None); rows.len()];
            for (place, (column, _)) in branches.iter().enumerate() {
                let keys = cells(rows, column)?;
                let found = by_key(connection, ask, tree(wanted, place)?, "id", *named, &keys).await?;
                for (link, key) in links.iter_mut().zip(&keys) {
                    if let Some(row) = found.get(&Key::of(key)) {
                        *link = Link::One(Some(Arc::clone(row)));
                    }
                }
            }
            Ok(links)
        }
        Edge::Many { column, from, on, order, limit, .. } => {
            let parents = cells(rows, column)?;
            let many = Many { from, on, order, limit: *limit };
            many.load(connection, ask, tree(wanted, 0)?, parents).await
        }
        Edge::Page { target, column, on, private } => {
            let wish = wanted.page.as_ref().ok_or_else(|| missing(target, &wanted.key))?;
            let parents = cells(rows, column)?;
            let pages = page::of_parents(connection, ask, Source { tree: tree(wanted, 0)?, wish, private: *private }, on, parents).await?;
            Ok(pages.into_iter().map(|page| Link::Page(Arc::new(page))).collect())
        }
    }
}

fn tree(wanted: &Wanted, place: usize) -> Result<&Tree, StoreError> {
    wanted.trees.get(place).ok_or_else(|| StoreError::Slot { noun: "edge", slot: wanted.key.clone() })
}

fn missing(noun: &'static Noun, slot: &str) -> StoreError {
    StoreError::Slot { noun: noun.name, slot: slot.to_owned() }
}

/// The value of one column in each row.
fn cells(rows: &[Row], column: &str) -> Result<Vec<Cell>, StoreError> {
    rows.iter().map(|row| row.cell(column).cloned()).collect()
}

/// A cell as a key of a map: keys of rows are UUIDs or codes.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    None,
    Uuid(uuid::Uuid),
    Text(Box<str>),
}

impl Key {
    pub(super) fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Uuid(value) => Self::Uuid(*value),
            Cell::Text(value) => Self::Text(value.clone()),
            _ => Self::None,
        }
    }
}

/// The rows whose `key` column is one of the values, by that value.
pub(super) async fn by_key(
    connection: &mut Connection<'_>,
    ask: &Ask<'_>,
    tree: &Tree,
    key: &str,
    named: bool,
    values: &[Cell],
) -> Result<HashMap<Key, Arc<Row>>, StoreError> {
    let mut distinct: Vec<Cell> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for value in values {
        if *value != Cell::Null && seen.insert(Key::of(value)) {
            distinct.push(value.clone());
        }
    }
    if distinct.is_empty() {
        return Ok(HashMap::new());
    }
    let set = Set::new(tree);
    let of = tree.noun.column(key).ok_or_else(|| missing(tree.noun, key))?.of;
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.").push(key);
    set.select(&mut sql, ask, "t");
    sql.push(" FROM ").push(tree.noun.table).push(" t WHERE ").any(&format!("t.{key}"), of, distinct.clone());
    and_visible(&mut sql, ask, tree.noun, named);
    if key == "id" {
        ask.saw_keys(tree.noun, &sql, distinct.iter());
    } else {
        ask.saw_list(tree.noun, &sql, None);
    }
    let types: Vec<Type> = std::iter::once(of).chain(set.types()).collect();
    let (keys, rows): (Vec<_>, Vec<_>) = connection.fetch(sql, &types).await?.into_iter().map(split_first).unzip();
    let rows = fill(connection, ask, &set, rows).await?;
    Ok(keys.iter().map(Key::of).zip(rows).filter_map(|(key, row)| Some((key, row?))).collect())
}

fn split_first(mut cells: Vec<Cell>) -> (Cell, Vec<Cell>) {
    let rest = cells.split_off(1);
    (cells.pop().unwrap_or(Cell::Null), rest)
}

/// A plain list that hangs on rows.
struct Many<'a> {
    from: &'a str,
    on: &'a str,
    order: &'static [Order],
    limit: u32,
}

impl Many<'_> {
    async fn load(&self, connection: &mut Connection<'_>, ask: &Ask<'_>, tree: &Tree, parents: Vec<Cell>) -> Result<Vec<Link>, StoreError> {
        let set = Set::new(tree);
        let mut links: Vec<Vec<Arc<Row>>> = vec![Vec::new(); parents.len()];
        let orders: Vec<&str> = self.order.iter().map(|order| order.by).collect();
        let list = page::Nested { set: &set, ask, orders: &orders, descending: false, parents };
        let sql = list.statement(connection.dialect(), i64::from(self.limit), |sql| {
            sql.push(self.from);
            sql.push(" WHERE ");
            ask.condition(sql, self.on);
            and_visible(sql, ask, tree.noun, false);
        });
        ask.saw_list(tree.noun, &sql, None);
        let types: Vec<Type> = std::iter::once(Type::Long).chain(self.order.iter().map(|order| order.of)).chain(set.types()).collect();
        let skip = 1 + orders.len();
        let mut owners = Vec::new();
        let mut rows = Vec::new();
        for mut cells in connection.fetch(sql, &types).await? {
            rows.push(cells.split_off(skip));
            owners.push(page::Nested::owner(&cells[0], connection.dialect()));
        }
        for (owner, row) in owners.into_iter().zip(fill(connection, ask, &set, rows).await?) {
            if let Some(items) = links.get_mut(owner) {
                items.extend(row);
            }
        }
        Ok(links.into_iter().map(Link::Many).collect())
    }
}
