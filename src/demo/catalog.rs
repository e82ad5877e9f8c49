//! Micro-credentials, their pathways and courses: each pathway at its home institution, and single courses of it at others that teach the field.

use super::chance::Chance;
use super::content::{Content, Course, Institution, Pathway};
use super::records::Records;
use crate::domain::money::Cents;
use crate::import::Kind;

/// How many courses there are in the state.
const COURSES: usize = 600;

/// A course of an institution.
#[derive(Debug)]
pub(super) struct Taught {
    pub key: String,
    pub institution: usize,
    pub pathway: usize,
    pub code: String,
}

/// A pathway at its home.
#[derive(Debug)]
pub(super) struct Home {
    pub institution: usize,
    pub program: String,
    pub credential: String,
}

/// What was written.
#[derive(Debug)]
pub(super) struct Catalog {
    pub homes: Vec<Home>,
    pub courses: Vec<Taught>,
}

pub(super) fn write(content: &Content, chance: &mut Chance, records: &mut Records) -> anyhow::Result<Catalog> {
    let mut catalog = Catalog { homes: Vec::new(), courses: Vec::new() };
    for (number, pathway) in content.pathways.iter().enumerate() {
        let institution = home(content, pathway, number);
        let at = &content.places.institution[institution];
        let home =
            Home { institution, program: format!("{}/{}", at.key, pathway.key), credential: format!("{}/badge-{}", at.key, pathway.key) };
        credential(at, pathway, &home, records)?;
        for place in 0..pathway.course.len() {
            // The last course of every other pathway carries the badge by itself.
            let awards = (place + 1 == pathway.course.len() && number % 2 == 0).then_some(home.credential.as_str());
            catalog.courses.push(write_course(content, (number, place), institution, awards, chance, records)?);
        }
        program(at, pathway, &home, records)?;
        catalog.homes.push(home);
    }
    elsewhere(content, &mut catalog, chance, records)?;
    Ok(catalog)
}

/// The pathway's home: the institutions that teach its field take turns.
fn home(content: &Content, pathway: &Pathway, number: usize) -> usize {
    let teaching = teaching(content, pathway);
    teaching.get(number % teaching.len().max(1)).copied().unwrap_or_default()
}

/// Places of the institutions that teach the field of a pathway.
fn teaching(content: &Content, pathway: &Pathway) -> Vec<usize> {
    let institutions = content.places.institution.iter().enumerate();
    institutions.filter(|(_, institution)| institution.strong_in.contains(&pathway.field)).map(|(place, _)| place).collect()
}

/// Single courses at other institutions, until the state has its number.
fn elsewhere(content: &Content, catalog: &mut Catalog, chance: &mut Chance, records: &mut Records) -> anyhow::Result<()> {
    let mut round = 0;
    while catalog.courses.len() < COURSES {
        for (number, pathway) in content.pathways.iter().enumerate() {
            let others: Vec<usize> =
                teaching(content, pathway).into_iter().filter(|place| *place != catalog.homes[number].institution).collect();
            let (Some(institution), place) = (others.get(round % others.len().max(1)), round % pathway.course.len()) else { continue };
            let key = course_key(&content.places.institution[*institution], &pathway.course[place]);
            if catalog.courses.len() < COURSES && !catalog.courses.iter().any(|known| known.key == key) {
                catalog.courses.push(write_course(content, (number, place), *institution, None, chance, records)?);
            }
        }
        round += 1;
    }
    Ok(())
}

fn course_key(institution: &Institution, course: &Course) -> String {
    format!("{}/{}", institution.key, course.code.replace(' ', ""))
}

/// The code in the institution's own style: its `A`s take the letters, its `9`s the number, as many as there are of each.
fn code(institution: &Institution, course: &Course) -> String {
    let (letters, number) = course.code.split_once(' ').unwrap_or((&course.code, "100"));
    let mut letters = letters.chars();
    let mut digits = number.chars();
    let next = |sign| match sign {
        'A' => letters.next(),
        '9' => Some(digits.next().unwrap_or('0')),
        other => Some(other),
    };
    institution.code_style.chars().filter_map(next).collect()
}

/// Writes a course; elsewhere than at its pathway's home it differs a little in price and hours, and asks for nothing before it.
fn write_course(
    content: &Content,
    (number, place): (usize, usize),
    institution: usize,
    awards: Option<&str>,
    chance: &mut Chance,
    records: &mut Records,
) -> anyhow::Result<Taught> {
    let pathway = &content.pathways[number];
    let course = &pathway.course[place];
    let at = &content.places.institution[institution];
    let is_home = records.count(Kind::Courses) < content.pathways.iter().map(|pathway| pathway.course.len()).sum();
    let price = Cents::parse(&course.price).unwrap_or(Cents(5_000));
    let price = if is_home { price } else { Cents((price.0 + chance.between(-4, 8) * 500).max(5_000)) };
    let hours = if is_home { course.contact_hours } else { course.contact_hours + chance.between(-2, 4) as f64 };
    let is_for_credit = at.kind == "UNIVERSITY" || (at.kind == "COMMUNITY_COLLEGE" && chance.happens(25));
    let own = |code: &String| pathway.course.iter().find(|other| other.code == *code).map(|other| course_key(at, other));
    let prerequisites: Vec<String> = if is_home { course.prerequisites.iter().filter_map(own).collect() } else { Vec::new() };
    let mut competencies = course.competencies.clone();
    competencies.extend(pathway.soft.iter().take(2).cloned());
    let key = course_key(at, course);
    let code = code(at, course);
    let pairs = [
        ("key", key.clone()),
        ("institution", at.key.clone()),
        ("code", code.clone()),
        ("title", course.title.clone()),
        ("summary", course.summary.clone()),
        ("description", course.description.trim().to_owned()),
        ("status", if chance.happens(1) && !is_home { "RETIRED" } else { "PUBLISHED" }.to_owned()),
        ("is_for_credit", is_for_credit.to_string()),
        ("credits", if is_for_credit { format!("{}", (hours / 15.0).round().max(1.0)) } else { String::new() }),
        ("contact_hours", format!("{hours}")),
        ("soft_skill_hours", format!("{}", course.soft_skill_hours)),
        ("price", price.to_string()),
        ("languages", course.languages.join(";")),
        ("competencies", competencies.join(";")),
        ("prerequisites", prerequisites.join(";")),
        ("credential", awards.unwrap_or_default().to_owned()),
    ];
    records.add(Kind::Courses, &pairs)?;
    let check = [
        ("key", format!("{key}/check")),
        ("institution", at.key.clone()),
        ("course", key.clone()),
        ("title", course.check.title.clone()),
        ("kind", "FORMATIVE".to_owned()),
        ("max_score", course.check.max_score.to_string()),
        ("pass_score", course.check.pass_score.to_string()),
        ("competencies", course.competencies.join(";")),
    ];
    records.add(Kind::Assessments, &check)?;
    Ok(Taught { key, institution, pathway: number, code })
}

fn credential(at: &Institution, pathway: &Pathway, home: &Home, records: &mut Records) -> anyhow::Result<()> {
    let technical = pathway.competencies.iter().map(|competency| competency.key.clone());
    let competencies: Vec<String> = technical.chain(pathway.soft.iter().cloned()).collect();
    let [cip, title] = &pathway.cip;
    let pairs = [
        ("key", home.credential.clone()),
        ("institution", at.key.clone()),
        ("kind", "MICRO_CREDENTIAL".to_owned()),
        ("name", pathway.badge.clone()),
        ("description", pathway.badge_description.clone()),
        ("criteria", pathway.criteria.trim().to_owned()),
        ("image_url", format!("{}/badges/{}.png", at.website, pathway.key)),
        ("valid_months", pathway.valid_months.map(|months| months.to_string()).unwrap_or_default()),
        ("competencies", competencies.join(";")),
        ("alignments", format!("CIP|{cip}|{}", title.replace(';', ","))),
    ];
    records.add(Kind::Credentials, &pairs)
}

fn program(at: &Institution, pathway: &Pathway, home: &Home, records: &mut Records) -> anyhow::Result<()> {
    let components: Vec<String> =
        pathway.course.iter().enumerate().map(|(place, course)| format!("{}|{}", course_key(at, course), place + 1)).collect();
    let prices: i64 = pathway.course.iter().filter_map(|course| Cents::parse(&course.price)).map(|cents| cents.0).sum();
    // A tenth off for those who take the whole pathway; every seventh is priced by the course.
    let price = (records.count(Kind::Programs) % 7 != 6).then(|| Cents(prices / 1_000 * 900).to_string());
    let occupations: Vec<String> =
        pathway.occupations.iter().map(|[code, name]| format!("ONET|{code}|{}", name.replace(';', ","))).collect();
    let industries: Vec<String> = pathway.industries.iter().map(|[code, _]| code.clone()).collect();
    let pairs = [
        ("key", home.program.clone()),
        ("institution", at.key.clone()),
        ("kind", "MICRO_PATHWAY".to_owned()),
        ("title", pathway.title.clone()),
        ("summary", pathway.summary.clone()),
        ("description", pathway.description.trim().to_owned()),
        ("is_for_credit", "false".to_owned()),
        ("duration_weeks", pathway.duration_weeks.to_string()),
        ("contact_hours", pathway.course.iter().map(|course| course.contact_hours).sum::<f64>().to_string()),
        ("soft_skill_hours", pathway.soft_skill_hours.to_string()),
        ("price", price.unwrap_or_default()),
        ("credential", home.credential.clone()),
        ("components", components.join(";")),
        ("industries", industries.join(";")),
        ("occupations", occupations.join(";")),
    ];
    records.add(Kind::Programs, &pairs)?;
    let technical: Vec<String> = pathway.competencies.iter().map(|competency| competency.key.clone()).collect();
    let assessment = [
        ("key", format!("{}/final", home.program)),
        ("institution", at.key.clone()),
        ("program", home.program.clone()),
        ("title", pathway.assessment.title.clone()),
        ("kind", "SUMMATIVE".to_owned()),
        ("max_score", pathway.assessment.max_score.to_string()),
        ("pass_score", pathway.assessment.pass_score.to_string()),
        ("competencies", technical.join(";")),
    ];
    records.add(Kind::Assessments, &assessment)
}
