//! What operations come to once their fragments are expanded. Each fragment is summed up once, however often and from wherever it is
//! spread, so that fragments which double each other cost no more than the text that they are written in.

use std::collections::HashMap;

use super::OperationFacts;
use super::document::Definition;
use super::fault::{Checked, Fault, shortened};
use super::limits::Limits;
use super::place::{Place, is_list};

/// The sums of a definition: its own at first, with its fragments' in the end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    /// Fields selected.
    pub(super) fields: u64,
    /// Fields, spreads and inline fragments visited.
    pub(super) selections: u64,
    /// Levels of nested fields, nothing exempt: what counts where the definition is spread below a field.
    pub(super) depth: usize,
    /// Levels of nested fields without those below a root `__schema` or `__type`: what counts where the definition is, or is spread at, a root.
    pub(super) depth_at_root: usize,
    /// Levels of nested lists of the schema's own description, whatever they lie in: what counts where the definition is spread below a field.
    pub(super) lists: usize,
    /// The same below a root `__schema` or `__type` alone: what counts where the definition is, or is spread at, a root.
    pub(super) lists_at_root: usize,
    /// Fields of the answer, with each list at its estimated length, as if all of it described the schema.
    pub(super) answer: u64,
    /// The same below a root `__schema` or `__type` alone.
    pub(super) answer_at_root: u64,
    /// Whether `__schema` or `__type` is selected at the top of the definition.
    pub(super) is_introspection: bool,
}

impl Totals {
    /// Counts a field at a place.
    pub(super) fn add_field(&mut self, place: Place, name: &str) {
        let depth = place.fields.saturating_add(1);
        let lists = place.lists.saturating_add(usize::from(is_list(name)));
        self.fields = self.fields.saturating_add(1);
        self.depth = self.depth.max(depth);
        self.lists = self.lists.max(lists);
        self.answer = self.answer.saturating_add(place.times);
        if place.is_introspection {
            self.lists_at_root = self.lists_at_root.max(lists);
            self.answer_at_root = self.answer_at_root.saturating_add(place.times);
        } else {
            self.depth_at_root = self.depth_at_root.max(depth);
        }
    }

    /// Counts what a spread brings in.
    fn add_spread(&mut self, spread: &Spread<'_>, fragment: Self) {
        self.fields = self.fields.saturating_add(fragment.fields);
        self.selections = self.selections.saturating_add(fragment.selections);
        let Place { fields, lists, times, is_introspection } = spread.place;
        let depth = fields.saturating_add(fragment.depth);
        let lists = lists.saturating_add(fragment.lists);
        let answer = times.saturating_mul(fragment.answer);
        self.depth = self.depth.max(depth);
        self.lists = self.lists.max(lists);
        self.answer = self.answer.saturating_add(answer);
        if fields == 0 {
            self.depth_at_root = self.depth_at_root.max(fragment.depth_at_root);
            self.lists_at_root = self.lists_at_root.max(fragment.lists_at_root);
            self.answer_at_root = self.answer_at_root.saturating_add(fragment.answer_at_root);
            self.is_introspection |= fragment.is_introspection;
        } else if is_introspection {
            self.lists_at_root = self.lists_at_root.max(lists);
            self.answer_at_root = self.answer_at_root.saturating_add(answer);
        } else {
            self.depth_at_root = self.depth_at_root.max(depth);
        }
    }
}

/// A fragment spread as written.
pub(super) struct Spread<'a> {
    /// The fragment's name.
    pub(super) name: &'a str,
    /// Where the dots are, in bytes.
    pub(super) start: usize,
    /// What encloses it in its definition.
    pub(super) place: Place,
}

/// How far the summing up of a fragment has come.
#[derive(Clone, Copy)]
enum Progress {
    /// Not begun.
    New,
    /// Begun and waiting for another one: to meet it again is to have gone in a circle.
    Open,
    /// Finished.
    Done(Totals),
}

/// A definition whose spreads are being followed.
struct Visit<'d, 'a> {
    /// The definition.
    definition: &'d Definition<'a>,
    /// The spread to be followed next.
    next: usize,
    /// The sums so far.
    totals: Totals,
}

impl<'d, 'a> Visit<'d, 'a> {
    /// A visit that has followed nothing yet.
    fn new(definition: &'d Definition<'a>) -> Self {
        Self { definition, next: 0, totals: definition.own }
    }
}

/// The fragments of a document by name.
struct Fragments<'d, 'a> {
    /// Each with its progress.
    by_name: HashMap<&'a str, (&'d Definition<'a>, Progress)>,
    /// What is allowed.
    limits: &'d Limits,
}

/// The facts about each operation. Fails if a fragment is unknown, repeated or circular, used or not, if there is no operation, or at the
/// limits of fields, depth and introspection. `steps` grows with each definition and spread visited.
pub(super) fn resolve<'d>(definitions: &'d [Definition<'_>], limits: &'d Limits, steps: &mut u64) -> Checked<Vec<OperationFacts>> {
    let mut fragments = Fragments::collect(definitions, limits)?;
    let mut operations = Vec::new();
    for definition in definitions {
        let totals = fragments.total(definition, steps)?;
        let Some(kind) = definition.operation else {
            continue;
        };
        if totals.depth_at_root > limits.depth {
            return Err(Fault::limit("depth", limits.depth, totals.depth_at_root));
        }
        if totals.lists_at_root > limits.introspection_depth {
            return Err(Fault::limit("introspection_depth", limits.introspection_depth, totals.lists_at_root));
        }
        if totals.answer_at_root > limits.introspection_fields {
            let (max, actual) = (limits.introspection_fields, totals.answer_at_root);
            return Err(Fault::Limit { name: "introspection_fields", max, actual });
        }
        operations.push(OperationFacts {
            name: definition.name.map(String::from),
            kind,
            depth: totals.depth_at_root,
            fields: totals.fields,
            introspection_fields: totals.answer_at_root,
            is_introspection: totals.is_introspection,
        });
    }
    if operations.is_empty() {
        return Err(Fault::invalid("The document has no operation.", 0));
    }
    Ok(operations)
}

impl<'d, 'a> Fragments<'d, 'a> {
    /// Gathers the fragments. Fails at the second of a name.
    fn collect(definitions: &'d [Definition<'a>], limits: &'d Limits) -> Checked<Self> {
        let mut by_name = HashMap::new();
        for definition in definitions {
            let (None, Some(name)) = (definition.operation, definition.name) else {
                continue;
            };
            if by_name.insert(name, (definition, Progress::New)).is_some() {
                let message = format!("There can be only one fragment named \"{}\".", shortened(name));
                return Err(Fault::invalid(message, definition.start));
            }
        }
        Ok(Self { by_name, limits })
    }

    /// Sums up a definition and every fragment below it that is not summed up yet. Fields and selections are limited in each of them, so
    /// that no walk behind the guard meets a fragment that explodes, not even one that no operation uses.
    fn total(&mut self, definition: &'d Definition<'a>, steps: &mut u64) -> Checked<Totals> {
        let mut totals = Totals::default();
        let mut open = Vec::new();
        match self.progress(definition) {
            Progress::Done(done) => return Ok(done),
            Progress::New | Progress::Open => self.begin(definition, &mut open),
        }
        while let Some(visit) = open.last_mut() {
            *steps = steps.saturating_add(1);
            let Some(spread) = visit.definition.spreads.get(visit.next) else {
                totals = visit.totals;
                self.finish(visit.definition, totals)?;
                open.pop();
                continue;
            };
            match self.by_name.get(spread.name).copied() {
                Some((_, Progress::Done(fragment))) => {
                    visit.totals.add_spread(spread, fragment);
                    visit.next = visit.next.saturating_add(1);
                }
                Some((fragment, Progress::New)) => self.begin(fragment, &mut open),
                Some((_, Progress::Open)) => {
                    return Err(complaint(spread, "Cannot spread fragment", " within itself"));
                }
                None => return Err(complaint(spread, "Unknown fragment", "")),
            }
        }
        Ok(totals)
    }

    /// How far a definition's summing up has come. An operation's is always still to do, once.
    fn progress(&self, definition: &Definition<'a>) -> Progress {
        let known = definition.name.filter(|_| definition.operation.is_none());
        known.and_then(|name| self.by_name.get(name)).map_or(Progress::New, |(_, progress)| *progress)
    }

    /// Records the progress of a fragment; an operation has none.
    fn record(&mut self, definition: &Definition<'a>, progress: Progress) {
        if definition.operation.is_none()
            && let Some(entry) = definition.name.and_then(|name| self.by_name.get_mut(name))
        {
            entry.1 = progress;
        }
    }

    /// Begins a visit.
    fn begin(&mut self, definition: &'d Definition<'a>, open: &mut Vec<Visit<'d, 'a>>) {
        self.record(definition, Progress::Open);
        open.push(Visit::new(definition));
    }

    /// Ends a visit. Fails if there are too many fields or selections.
    fn finish(&mut self, definition: &Definition<'a>, totals: Totals) -> Checked<()> {
        for (name, max, actual) in
            [("fields", self.limits.fields, totals.fields), ("selections", self.limits.selections, totals.selections)]
        {
            if actual > max {
                return Err(Fault::Limit { name, max, actual });
            }
        }
        self.record(definition, Progress::Done(totals));
        Ok(())
    }
}

/// A validation error at a spread, with the fragment's name between two pieces of text.
fn complaint(spread: &Spread<'_>, before: &str, after: &str) -> Fault {
    Fault::invalid(format!("{before} \"{}\"{after}.", shortened(spread.name)), spread.start)
}
