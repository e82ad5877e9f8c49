//! Walks on which every transition is made by everybody who may make it, and refused from each state to everybody who may not.

use concord::domain::enrollment::{By, State};

use super::{Act, Pays};

use Act::{Lapse, Probe, Repeat, Request};

/// One learner asks, and is moved on by each in turn.
fn then(pays: Pays, moves: &[(By, State)]) -> Vec<Act> {
    let moves = moves.iter().map(|(by, to)| Act::Move(0, *by, *to));
    std::iter::once(Request(0, pays)).chain(moves).collect()
}

/// The seats of each walk, and its acts.
pub(super) fn tours() -> [(Option<usize>, Vec<Act>); 2] {
    use By::{Business, Instructor, Learner, Staff};
    use State::{Active, Cancelled, Completed, Declined, Enrolled, NotCompleted, Waitlisted, Withdrawn};
    let mut unknown = Vec::new();
    for begun in [&[][..], &[(Staff, Waitlisted)], &[(Staff, Enrolled)]] {
        for (by, pays) in [(Business, Pays::Budget), (Learner, Pays::Own), (Staff, Pays::Aid)] {
            unknown.extend(then(pays, begun));
            // What a business does not see it is not refused.
            unknown.extend((by == Business).then_some(Probe(0)));
            unknown.push(Act::Move(0, by, Cancelled));
        }
    }
    unknown.extend(then(Pays::Budget, &[(Business, Cancelled)]));
    unknown.push(Probe(0));
    // Who has ended something has a voucher, so that the business sees it, and comes to the next with another.
    unknown.extend(then(Pays::Budget, &[(Staff, Declined)]));
    unknown.extend([Probe(0), Repeat]);
    unknown.extend(then(Pays::Budget, &[(Staff, Enrolled), (Staff, Active)]));
    unknown.extend([Probe(0), Act::Step(0, Staff, 2, true), Probe(0)]);
    unknown.extend(then(Pays::Voucher, &[(Staff, Enrolled), (Instructor, Active), (Staff, Completed)]));
    unknown.push(Probe(0));
    unknown.extend(then(Pays::Budget, &[(Staff, Enrolled), (Staff, Active), (Staff, NotCompleted)]));
    unknown.push(Probe(0));
    for (by, to) in [(Instructor, Completed), (Instructor, NotCompleted), (Learner, Withdrawn)] {
        unknown.extend(then(Pays::Own, &[(Staff, Enrolled), (Staff, Active), (by, to)]));
    }
    // One seat, which goes to and fro between two.
    let mut one = Vec::new();
    for (by, to, pays) in [
        (Business, Cancelled, Pays::Budget),
        (Learner, Cancelled, Pays::Own),
        (Staff, Cancelled, Pays::Voucher),
        (Learner, Enrolled, Pays::Own),
        (Staff, Enrolled, Pays::Budget),
    ] {
        one.extend([
            Request(0, Pays::Own),
            Request(1, pays),
            Act::Move(0, Learner, Cancelled),
            Act::Move(1, by, to),
            Act::Move(1, Learner, Cancelled),
        ]);
    }
    one.extend([
        Request(0, Pays::Own),
        Request(1, Pays::Budget),
        Request(2, Pays::Own),
        Act::Move(0, Staff, Cancelled),
        Probe(1),
        Lapse,
        Probe(1),
        Lapse,
        Lapse,
        Probe(1),
        Lapse,
    ]);
    [(None, unknown), (Some(1), one)]
}
