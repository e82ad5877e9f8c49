//! What micro-credentials stack into: a certificate for each field, and the degrees that grant credit.

use chrono::{Months, NaiveDate};

use super::catalog::Catalog;
use super::chance::Chance;
use super::content::{Content, Institution, Stack};
use super::records::Records;
use crate::import::Kind;

pub(super) fn write(
    content: &Content,
    catalog: &Catalog,
    chance: &mut Chance,
    today: NaiveDate,
    records: &mut Records,
) -> anyhow::Result<()> {
    for stack in &content.stacks {
        let badges: Vec<&str> = content
            .pathways
            .iter()
            .zip(&catalog.homes)
            .filter(|(pathway, _)| pathway.field == stack.field)
            .map(|(_, home)| home.credential.as_str())
            .collect();
        let Some(college) = find(content, &stack.field, |kind| kind != "TRAINING_PROVIDER") else { continue };
        let certificate = certificate(college, stack, &badges, records)?;
        let Some(university) = find(content, &stack.field, |kind| kind == "UNIVERSITY") else { continue };
        let degree = degree(university, stack, records)?;
        for (place, credential) in badges.iter().chain([&certificate.as_str()]).enumerate() {
            let is_certificate = place == badges.len();
            let through = chance.happens(40).then(|| today + Months::new(chance.between(6, 40) as u32));
            let credits = if is_certificate { chance.between(6, 12) } else { chance.between(1, 4) };
            let pairs = [
                ("key", format!("{credential}/credit-at-{}", university.key)),
                ("credential", (*credential).to_owned()),
                ("institution", university.key.clone()),
                ("program", if chance.happens(80) { degree.clone() } else { String::new() }),
                ("course_equivalent", if is_certificate { String::new() } else { format!("GEN {}", chance.between(101, 299)) }),
                ("credits", credits.to_string()),
                ("valid_from", (today - Months::new(chance.between(1, 30) as u32)).to_string()),
                ("valid_through", through.map(|day| day.to_string()).unwrap_or_default()),
            ];
            records.add(Kind::Articulations, &pairs)?;
        }
    }
    Ok(())
}

/// An institution that teaches a field and is of a kind; one of the kind where none teaches it.
fn find<'a>(content: &'a Content, field: &String, is_kind: impl Fn(&str) -> bool) -> Option<&'a Institution> {
    let mut institutions = content.places.institution.iter().filter(|institution| is_kind(&institution.kind));
    institutions.clone().find(|institution| institution.strong_in.contains(field)).or_else(|| institutions.next())
}

fn certificate(at: &Institution, stack: &Stack, badges: &[&str], records: &mut Records) -> anyhow::Result<String> {
    let key = format!("{}/certificate-{}", at.key, crate::domain::text::slug(&stack.field, 40));
    let number = badges.len().min(2);
    let field = stack.field.to_lowercase();
    let credential = [
        ("key", key.clone()),
        ("institution", at.key.clone()),
        ("kind", "CERTIFICATE".to_owned()),
        ("name", stack.certificate.clone()),
        (
            "description",
            format!("The holder has earned {number} micro-credentials in {field} and has shown how they fit together in supervised work."),
        ),
        (
            "criteria",
            format!(
                "Earn {number} of the {} micro-credentials in {field} that members of the consortium issue, at any of them, and complete the practicum that joins them. Micro-credentials earned in the last five years count.",
                badges.len()
            ),
        ),
    ];
    records.add(Kind::Credentials, &credential)?;
    let program = [
        ("key", format!("{key}/program")),
        ("institution", at.key.clone()),
        ("kind", "CERTIFICATE".to_owned()),
        ("title", stack.certificate.clone()),
        (
            "summary",
            format!(
                "Stack {number} micro-credentials in {field} into a certificate: take them one at a time, at the college that suits you, and finish with a practicum."
            ),
        ),
        ("is_for_credit", "true".to_owned()),
        ("duration_weeks", "32".to_owned()),
        ("credential", key.clone()),
    ];
    records.add(Kind::Programs, &program)?;
    if !badges.is_empty() {
        let options: Vec<String> = badges.iter().map(|badge| format!("credential|{badge}")).collect();
        let requirement = [
            ("key", format!("{key}/micro-credentials")),
            ("credential", key.clone()),
            ("title", format!("Micro-credentials in {field}")),
            ("choose", number.to_string()),
            ("options", options.join(";")),
        ];
        records.add(Kind::Requirements, &requirement)?;
    }
    Ok(key)
}

fn degree(at: &Institution, stack: &Stack, records: &mut Records) -> anyhow::Result<String> {
    let key = format!("{}/degree-{}", at.key, crate::domain::text::slug(&stack.field, 40));
    let credential = [
        ("key", format!("{key}/award")),
        ("institution", at.key.clone()),
        ("kind", "DEGREE".to_owned()),
        ("name", stack.degree.clone()),
        ("description", format!("An academic degree that builds on work in {}.", stack.field.to_lowercase())),
        ("criteria", "Complete the degree's credits with the grade average that the faculty asks for. Micro-credentials and certificates count as its articulation agreements say.".to_owned()),
    ];
    records.add(Kind::Credentials, &credential)?;
    let program = [
        ("key", key.clone()),
        ("institution", at.key.clone()),
        ("kind", "DEGREE".to_owned()),
        ("title", stack.degree.clone()),
        (
            "summary",
            format!(
                "A degree for those who come with micro-credentials in {} and want the theory, the electives and the diploma.",
                stack.field.to_lowercase()
            ),
        ),
        ("is_for_credit", "true".to_owned()),
        ("credential", format!("{key}/award")),
    ];
    records.add(Kind::Programs, &program)?;
    Ok(key)
}
