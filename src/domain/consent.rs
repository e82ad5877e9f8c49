//! What a learner can let others see.

/// A part of a learner's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConsentScope {
    /// That the learner is enrolled, and the state.
    Enrollment,
    /// Progress through an offering.
    Progress,
    /// Assessment results and outcomes.
    Results,
    /// Earned credentials.
    Awards,
    /// Contact email.
    Contact,
    /// Being shown as a match to a business.
    JobMatching,
}

impl ConsentScope {
    /// Every scope, in the order of the schema.
    pub const ALL: [Self; 6] = [Self::Enrollment, Self::Progress, Self::Results, Self::Awards, Self::Contact, Self::JobMatching];

    /// Whether names that are separated by spaces show in what a learner is enrolled: somebody's address, say, does not.
    #[must_use]
    pub fn shows_places(names: &str) -> bool {
        [Self::Enrollment, Self::Progress, Self::Results].into_iter().any(|scope| scope.is_in(names))
    }

    /// As it stands in the schema and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enrollment => "ENROLLMENT",
            Self::Progress => "PROGRESS",
            Self::Results => "RESULTS",
            Self::Awards => "AWARDS",
            Self::Contact => "CONTACT",
            Self::JobMatching => "JOB_MATCHING",
        }
    }

    /// Whether it is among names that are separated by spaces.
    #[must_use]
    pub fn is_in(self, names: &str) -> bool {
        names.split(' ').any(|name| name == self.name())
    }
}
