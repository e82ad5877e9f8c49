//! Which page of a list is wanted: its conditions, its order, and where it goes on.

use async_graphql::parser::types::Field;
use async_graphql::{Error, Result, Value};

use super::super::cursor::CursorKey;
use super::super::error::{Code, coded};
use super::super::page::NO_CURSOR;
use super::super::{course, enrollment, filters, offering, root};
use super::Planner;
use crate::policy::Action;
use crate::store;
use crate::store::enrollment::BUSINESS_ENROLLMENT;
use crate::store::noun::Noun;
use crate::store::search::Words;
use crate::store::sql::Type;
use crate::store::tree::{PageOrder, PageWish};

impl Planner<'_> {
    /// The arguments of a connection.
    pub(super) fn wish(&self, parent: &str, noun: &'static Noun, field: &Field) -> Result<PageWish> {
        let search = self.argument::<Option<String>>(field, "search")?;
        // Without words of its own a noun is searched by its filter.
        let words = search.as_deref().filter(|_| noun.list.is_some_and(|list| list.search.is_some())).and_then(Words::parse);
        let order = self.order(parent, noun, field, words.is_some())?;
        let binding = self.binding(parent, field, order);
        let after = match self.argument::<Option<String>>(field, "after")? {
            None => None,
            Some(cursor) => {
                let types = match order {
                    PageOrder::Sort(sort) => [sort.by.of, Type::Uuid],
                    PageOrder::Relevance => [Type::Long, Type::Uuid],
                };
                // Below an object the mark of that object follows, which is looked at where the page is shown.
                let types: Vec<Type> = types.into_iter().chain((parent != "Query").then_some(Type::Text)).collect();
                let position = self.ctx.data::<CursorKey>()?.read(binding, &cursor, &types);
                Some(position.ok_or_else(|| coded(Code::BadCursor, NO_CURSOR))?)
            }
        };
        let first = self.argument::<Option<u32>>(field, "first")?.unwrap_or(super::super::limits::PAGE_DEFAULT);
        Ok(PageWish {
            search: words,
            filter: self.filter(noun, field, search.as_deref())?,
            order,
            first,
            after,
            items: true,
            count: false,
            binding,
        })
    }

    /// The conditions of a list.
    fn filter(&self, noun: &Noun, field: &Field, search: Option<&str>) -> Result<store::filter::Filter> {
        Ok(match noun.name {
            "Institution" => filters::institutions(self.argument(field, "regionCodes")?),
            "Course" => filters::courses(self.argument(field, "filter")?)?,
            "Program" => filters::programs(self.argument(field, "filter")?)?,
            "Offering" => filters::offerings(self.argument(field, "filter")?)?,
            "Credential" => filters::credentials(self.argument(field, "filter")?)?,
            "Competency" => filters::competencies(self.argument(field, "filter")?),
            "Business" => filters::businesses(self.argument(field, "filter")?),
            "AuditEvent" => filters::audit_events(self.argument(field, "filter")?),
            "Enrollment" => filters::enrollments(self.argument(field, "filter")?)?,
            "Sponsorship" => filters::sponsorships(self.argument(field, "filter")?),
            "Voucher" => filters::vouchers(self.argument(field, "state")?),
            "EnrollmentJobItem" => filters::job_items(self.argument(field, "outcomes")?),
            "Learner" => filters::learners(search),
            "Award" => filters::awards(self.argument::<Option<bool>>(field, "includeRevoked")?.unwrap_or_default()),
            "Employee" => filters::employees(search, self.argument(field, "filter")?)?,
            _ => store::filter::Filter::None,
        })
    }

    /// The order asked for, else that of the schema. Lists that have no choice of order put the best match first when they are searched, but for those by name.
    fn order(&self, parent: &str, noun: &'static Noun, field: &Field, is_search: bool) -> Result<PageOrder> {
        let list = noun.list.ok_or_else(|| Error::new(format!("{} has no list", noun.name)))?;
        let asked = match noun.name {
            "Course" => self.argument::<Option<course::CourseSort>>(field, "sort")?.map(filters::name),
            "Offering" => self.argument::<Option<offering::OfferingSort>>(field, "sort")?.map(filters::name),
            "Enrollment" => self.argument::<Option<enrollment::EnrollmentSort>>(field, "sort")?.map(filters::name),
            "Program" | "Credential" => Some("RELEVANCE"),
            _ => None,
        };
        if asked == Some("WAITLIST_POSITION")
            && std::ptr::eq(store::seen_by(&root::scope(self.ctx, Action::Look)?, noun), &raw const BUSINESS_ENROLLMENT)
        {
            return Err(coded(Code::BadRequest, enrollment::NOT_IN_THAT_ORDER));
        }
        let default = self.default(parent, &field.name.node, "sort");
        let name = asked.map(str::to_owned).or(default).unwrap_or_default();
        if name == "RELEVANCE" && is_search {
            return Ok(PageOrder::Relevance);
        }
        Ok(PageOrder::Sort(list.sorts.iter().find(|sort| sort.name == name).unwrap_or(&list.sorts[0])))
    }

    /// The default of an argument as the schema says it.
    fn default(&self, parent: &str, field: &str, argument: &str) -> Option<String> {
        self.registry().types.get(parent)?.field_by_name(field)?.args.get(argument)?.default_value.clone()
    }

    /// What cursors are bound to: the list, its order, and every argument but the page itself.
    fn binding(&self, parent: &str, field: &Field, order: PageOrder) -> u64 {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        let order = match order {
            PageOrder::Sort(sort) => sort.name,
            PageOrder::Relevance => "RELEVANCE",
        };
        for part in [parent, &field.name.node, order] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let mut arguments = self.arguments(field);
        arguments.sort_unstable_by_key(|(name, _)| *name);
        for (name, value) in arguments {
            if !matches!(name, "first" | "after" | "sort") && value != Value::Null {
                hash.update(name.as_bytes());
                // Through JSON, whose objects are sorted: the order in which arguments and filters were written does not matter.
                hash.update(value.into_json().unwrap_or_default().to_string().as_bytes());
                hash.update([0]);
            }
        }
        let digest = hash.finalize();
        u64::from_be_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]])
    }
}
