//! Connections: the pages of lists that can grow.

use async_graphql::{Context, Object, Result};

use super::cursor::CursorKey;
use super::error::{Code, coded};
use crate::store::{Cell, Page};

/// Where a page of a connection begins and ends. Visible to: anyone.
#[derive(Debug)]
pub struct PageInfo(pub std::sync::Arc<Page>);

/// Where a page of a connection begins and ends. Visible to: anyone.
#[Object]
impl PageInfo {
    /// Whether more items follow this page. Visible to: anyone.
    async fn has_next_page(&self) -> bool {
        self.0.has_next
    }

    /// Whether items precede this page. May be false when finding out would be slow. Visible to: anyone.
    async fn has_previous_page(&self) -> bool {
        self.0.has_previous
    }

    /// Cursor of the first item, or null when the page is empty. Visible to: anyone.
    async fn start_cursor(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.0.items.first().map(|(position, _)| cursor(ctx, &self.0, position)).transpose()
    }

    /// Cursor of the last item; pass it as `after` to get the next page. Null when the page is empty. Visible to: anyone.
    async fn end_cursor(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.0.items.last().map(|(position, _)| cursor(ctx, &self.0, position)).transpose()
    }
}

/// What is said of a cursor that is none of the list's.
pub const NO_CURSOR: &str = "`after` is not a cursor of this list with this filter, sort and search; start again without it";

/// The cursor of an item.
pub fn cursor(ctx: &Context<'_>, page: &Page, position: &[Cell]) -> Result<String> {
    let key = ctx.data::<CursorKey>()?;
    let mark = page.parent.as_ref().map(|parent| key.mark(parent));
    let cells: Vec<Cell> = position.iter().cloned().chain(mark).collect();
    Ok(key.write(page.binding, &cells))
}

/// Refuses a page that was asked for after a cursor of the same list of another object.
pub fn fits(ctx: &Context<'_>, page: &Page) -> Result<()> {
    let (Some(parent), Some(mark)) = (&page.parent, &page.after_of) else { return Ok(()) };
    if ctx.data::<CursorKey>()?.mark(parent) == *mark { Ok(()) } else { Err(coded(Code::BadCursor, NO_CURSOR)) }
}

/// Declares the connection and the edge of a noun.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ident, $about:literal, $about_edge:literal) => {
        $crate::graphql::page::connection!($connection, $edge, $node, "anyone", $about, $about_edge);
    };
    ($connection:ident, $edge:ident, $node:ident, $audience:literal, $about:literal, $about_edge:literal) => {
        #[doc = $about]
        #[derive(Debug, Clone)]
        pub struct $connection(pub Arc<$crate::store::Page>);

        #[doc = $about]
        #[Object]
        impl $connection {
            #[doc = concat!("Items with their cursors. Visible to: ", $audience, ".")]
            async fn edges(&self) -> Vec<$edge> {
                (0..self.0.items.len()).map(|place| $edge(Arc::clone(&self.0), place)).collect()
            }

            #[doc = concat!("Items without cursors. Visible to: ", $audience, ".")]
            async fn nodes(&self) -> Vec<$node> {
                self.0.items.iter().map(|(_, row)| $node(Arc::clone(row))).collect()
            }

            #[doc = concat!("Where this page begins and ends. Visible to: ", $audience, ".")]
            async fn page_info(&self) -> $crate::graphql::page::PageInfo {
                $crate::graphql::page::PageInfo(Arc::clone(&self.0))
            }

            #[doc = concat!("Items in all pages, counted up to 10000; 10001 stands for more. Visible to: ", $audience, ".")]
            #[graphql(directive = $crate::graphql::cost::cost::apply("5".into()))]
            async fn total_count(&self) -> Result<Option<i32>> {
                self.0.total.map(|total| Ok(i32::try_from(total)?)).transpose()
            }
        }

        #[doc = $about_edge]
        #[derive(Debug, Clone)]
        pub struct $edge(Arc<$crate::store::Page>, usize);

        #[doc = $about_edge]
        #[Object]
        impl $edge {
            #[doc = concat!("Position of the item. Visible to: ", $audience, ".")]
            async fn cursor(&self, ctx: &Context<'_>) -> Result<String> {
                $crate::graphql::page::cursor(ctx, &self.0, &self.0.items[self.1].0)
            }

            #[doc = concat!("The item. Visible to: ", $audience, ".")]
            async fn node(&self) -> $node {
                $node(Arc::clone(&self.0.items[self.1].1))
            }
        }
    };
}
pub(super) use connection;
