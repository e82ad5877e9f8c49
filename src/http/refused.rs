//! Why requests are refused, as clients are told.

use async_graphql::Pos;
use axum::http::StatusCode;
use serde_json::json;

use super::budget::Exhausted;
use super::guard::Refusal;
use super::told::Charge;
use crate::graphql::error::{Code, Excess};
use crate::graphql::price::Objection;

/// Why a request was refused.
#[derive(Debug)]
pub struct Refused {
    code: Code,
    message: String,
    locations: Vec<Pos>,
    excess: Option<Box<Excess>>,
    cost: Option<(u64, u64)>,
    budget: Option<Box<(u64, Exhausted)>>,
    status: Option<StatusCode>,
    is_mutation: bool,
}

impl Refused {
    /// With a sentence for the client.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            locations: Vec::new(),
            excess: None,
            cost: None,
            budget: None,
            status: None,
            is_mutation: false,
        }
    }

    /// At places of the document.
    #[must_use]
    pub fn at(code: Code, message: impl Into<String>, locations: &[Pos]) -> Self {
        Self { locations: locations.to_vec(), ..Self::new(code, message) }
    }

    /// With a status of its own: the request itself is not well formed.
    #[must_use]
    pub fn with_status(code: Code, message: impl Into<String>, status: StatusCode) -> Self {
        Self { status: Some(status), ..Self::new(code, message) }
    }

    /// For a mutation that came by GET.
    #[must_use]
    pub fn mutation_by_get() -> Self {
        Self { is_mutation: true, ..Self::new(Code::BadRequest, "only queries can be asked by GET; send a POST") }
    }

    /// For costing more points than one operation may.
    #[must_use]
    pub fn by_cost(cost: u64, most: u64) -> Self {
        let text = format!("the operation costs {cost} points, and {most} are allowed; ask for smaller pages or fewer lists");
        Self { cost: Some((cost, most)), ..Self::new(Code::CostExceeded, text) }
    }

    /// Because the server cannot do its part at the moment, though nothing is wrong with the request.
    #[must_use]
    pub fn unavailable(text: &str) -> Self {
        Self::with_status(Code::Timeout, text, StatusCode::SERVICE_UNAVAILABLE)
    }

    /// For passing a published limit, with a status of its own.
    #[must_use]
    pub fn with_status_of(excess: Excess, status: StatusCode) -> Self {
        Self { status: Some(status), ..Self::over(excess) }
    }

    /// For passing a published limit.
    #[must_use]
    pub fn over(excess: Excess) -> Self {
        Self {
            status: Some(StatusCode::BAD_REQUEST),
            message: excess.message(),
            excess: Some(Box::new(excess)),
            ..Self::new(Code::LimitExceeded, "")
        }
    }

    /// For an empty bucket.
    #[must_use]
    pub fn by_budget(cost: u64, exhausted: &Exhausted) -> Self {
        let text = format!("the budget is spent; try again in {} seconds, or ask for less at a time", exhausted.retry_after);
        Self { budget: Some(Box::new((cost, *exhausted))), ..Self::with_status(Code::RateLimited, text, StatusCode::TOO_MANY_REQUESTS) }
    }

    /// Seconds after which it may be tried again, with the bucket as it stands.
    #[must_use]
    pub fn exhausted(&self) -> Option<&Exhausted> {
        match &self.budget {
            Some(budget) => Some(&budget.1),
            None => None,
        }
    }

    /// For what it would cost, or what cannot be counted.
    #[must_use]
    pub fn by_pricer(objection: Objection) -> Self {
        match objection {
            Objection::Excess(excess) => Self::over(excess),
            Objection::Unfit(text) => Self::new(Code::ValidationFailed, text),
        }
    }

    /// For what was found in its text, under this code where it cannot be read.
    #[must_use]
    pub fn by_guard(refusal: Refusal, unreadable: Code) -> Self {
        let place = |line: u32, column: u32| [Pos { line: line as usize, column: column as usize }];
        match refusal {
            Refusal::Limit { name, max, actual } => {
                Self::over(Excess { name: name.to_owned(), max, actual: i64::try_from(actual).unwrap_or(i64::MAX) })
            }
            Refusal::Syntax { message, line, column } => Self::at(unreadable, message, &place(line, column)),
            Refusal::Invalid { message, line, column } => Self::at(Code::ValidationFailed, message, &place(line, column)),
        }
    }

    /// The status, where it does not depend on the form of the answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match (self.is_mutation, self.code) {
            (true, _) => Some(StatusCode::METHOD_NOT_ALLOWED),
            (_, Code::CostExceeded) => Some(StatusCode::BAD_REQUEST),
            (_, Code::Timeout) => Some(self.status.unwrap_or(StatusCode::GATEWAY_TIMEOUT)),
            _ => self.status,
        }
    }

    /// Whether it was a mutation by GET.
    #[must_use]
    pub const fn is_mutation(&self) -> bool {
        self.is_mutation
    }

    /// What the client is told, with the place where there is one.
    #[must_use]
    pub fn message(&self) -> String {
        let place = self.locations.first().map(|place| format!(" (line {}, column {})", place.line, place.column));
        format!("{}{}", self.message, place.unwrap_or_default())
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// As an entry of `errors`.
    #[must_use]
    pub fn error(&self) -> serde_json::Value {
        let mut extensions = json!({ "code": self.code.name() });
        if let Some(excess) = &self.excess {
            extensions["limit"] = json!({ "name": excess.name, "max": excess.max, "actual": excess.actual });
        }
        if let Some((requested, limit)) = self.cost {
            extensions["cost"] = json!({ "requested": requested, "limit": limit });
        }
        if let Some(budget) = &self.budget {
            let (requested, exhausted) = &**budget;
            extensions["cost"] = Charge { requested: *requested, standing: exhausted.standing }.json();
        }
        let mut error = json!({ "message": self.message, "extensions": extensions });
        if !self.locations.is_empty() {
            error["locations"] = self.locations.iter().map(|place| json!({ "line": place.line, "column": place.column })).collect();
        }
        error
    }
}
